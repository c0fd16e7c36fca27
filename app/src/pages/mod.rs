//! The pages: props from the domain, HTML out, no input or output.
