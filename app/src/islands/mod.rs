//! What is live on a page.
