//! Rows and columns.

use leptos::prelude::*;

/// The head of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    label: String,
    number: bool,
    hidden: bool,
}

impl Head {
    /// A column of words.
    pub fn new(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            number: false,
            hidden: false,
        }
    }

    /// A column of numbers, set to the right; give its cells `class="num"`.
    pub fn number(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            number: true,
            hidden: false,
        }
    }

    /// A column of buttons, whose head is for screen readers only.
    pub fn hidden(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            number: false,
            hidden: true,
        }
    }
}

/// Rows and columns. On a phone each row becomes a small card; give the cells
/// `data-label="…"` with their column's name for that.
#[component]
pub fn Table(
    /// What the table holds, for screen readers.
    #[prop(into)]
    caption: String,
    /// The heads.
    heads: Vec<Head>,
    /// The rows: `<tr>`.
    children: Children,
) -> impl IntoView {
    let heads = heads
        .into_iter()
        .map(|head| {
            let label = if head.hidden {
                view! { <span class="sr">{head.label}</span> }.into_any()
            } else {
                head.label.into_any()
            };
            view! { <th scope="col" class=head.number.then_some("num")>{label}</th> }
        })
        .collect_view();
    view! {
        <table class="table">
            <caption class="sr">{caption}</caption>
            <thead><tr>{heads}</tr></thead>
            <tbody>{children()}</tbody>
        </table>
    }
    .into_any()
}
