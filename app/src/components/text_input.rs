//! One line of text.

use super::field::{Field, Ids};
use leptos::prelude::*;
use rideout_domain::Timestamp;

/// What a line of text is, for keyboards and password managers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InputKind {
    /// Anything.
    #[default]
    Text,
    /// An e-mail address.
    Email,
    /// A password.
    Password,
    /// What is looked for.
    Search,
    /// A link.
    Url,
    /// A whole number.
    Number,
    /// A date and a time of day, without a zone: `2010-06-15T09:00`.
    DateTime,
    /// A date: `2010-06-15`.
    Date,
    /// A time of day: `09:00`.
    Time,
}

impl InputKind {
    const fn word(self) -> &'static str {
        match self {
            // A field for numbers forgets what is none, and one for addresses
            // stops the browser for minutes where somebody pastes a whole log.
            Self::Text | Self::Email | Self::Number => "text",
            Self::Password => "password",
            Self::Search => "search",
            Self::Url => "url",
            Self::DateTime => "datetime-local",
            Self::Date => "date",
            Self::Time => "time",
        }
    }

    /// The keyboard that a phone shows.
    const fn keyboard(self) -> Option<&'static str> {
        match self {
            Self::Email => Some("email"),
            Self::Number => Some("numeric"),
            _ => None,
        }
    }
}

/// Whether a browser would show this value in a field of this kind. What it
/// would drop is shown as text instead, so that nothing typed is lost.
fn fits(kind: InputKind, value: &str) -> bool {
    let whole = match (kind, value.len()) {
        (_, 0) => return true,
        (InputKind::DateTime, 16) => format!("{value}:00Z"),
        (InputKind::DateTime, 19) => format!("{value}Z"),
        (InputKind::Date, 10) => format!("{value}T00:00:00Z"),
        (InputKind::Time, 5) => format!("2010-06-15T{value}:00Z"),
        (InputKind::DateTime | InputKind::Date | InputKind::Time, _) => return false,
        _ => return true,
    };
    whole.parse::<Timestamp>().is_ok()
}

/// One line of text with its label. The server judges what was typed; the
/// browser is only asked whether something was typed at all.
#[component]
pub fn TextInput(
    /// Field name.
    #[prop(into)]
    name: String,
    /// What it asks for.
    #[prop(into)]
    label: String,
    /// What stands in it.
    #[prop(optional, into)]
    value: String,
    /// What is wrong with it.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
    /// How to answer, in a sentence.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What it is.
    #[prop(optional)]
    kind: InputKind,
    /// What it holds is in UTC, as its hint says. Where scripts run it is shown
    /// and typed in the local zone, and the hint names that one.
    #[prop(optional)]
    utc: bool,
    /// Must not stay empty.
    #[prop(optional)]
    required: bool,
    /// May stay empty; said beside the label.
    #[prop(optional)]
    optional: bool,
    /// An example, shown while it is empty.
    #[prop(optional, into)]
    placeholder: Option<String>,
    /// For password managers.
    #[prop(optional, into)]
    autocomplete: Option<String>,
    /// Most characters.
    #[prop(optional, into)]
    maxlength: Option<usize>,
    /// Identifier of a `<datalist>` with what is offered while typing.
    #[prop(optional_no_strip, into)]
    list: Option<String>,
    /// Identifier, when two forms on a page share a name.
    #[prop(optional, into)]
    id: Option<String>,
    /// The label is for screen readers only.
    #[prop(optional)]
    hide_label: bool,
    /// Focused when the page opens: one field a page.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let ids = Ids::new(id, &name, hint.is_some(), error.is_some());
    let kind = if fits(kind, &value) {
        kind
    } else {
        InputKind::Text
    };
    let refused = error.is_some().then_some("true");
    view! {
        <Field id=ids.control.clone() label=label hint=hint error=error optional=optional hide_label=hide_label>
            <input
                type=kind.word()
                class="input"
                id=ids.control
                name=name
                value=value
                placeholder=placeholder
                autocomplete=autocomplete.unwrap_or_else(|| "off".to_owned())
                list=list
                maxlength=maxlength.map(|most| most.to_string())
                // Otherwise a browser takes only the seconds that stood there.
                step=(kind == InputKind::DateTime).then_some("any")
                data-utc=(utc && kind == InputKind::DateTime).then_some("")
                inputmode=kind.keyboard()
                autocapitalize=(kind == InputKind::Email).then_some("none")
                spellcheck=(kind == InputKind::Email).then_some("false")
                required=required
                autofocus=autofocus
                aria-invalid=refused
                aria-describedby=ids.described
            />
        </Field>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_would_drop_is_shown_as_text() {
        for (kind, value, kept) in [
            (InputKind::DateTime, "2010-06-15T09:00", true),
            (InputKind::DateTime, "2010-06-15 soon", false),
            (InputKind::Date, "2010-06-15", true),
            (InputKind::Date, "2010-06-31", false),
            (InputKind::Date, "15.6.2010", false),
            (InputKind::Time, "09:00", true),
            (InputKind::Time, "9:00", false),
            (InputKind::Time, "", true),
            (InputKind::Text, "anything", true),
        ] {
            assert_eq!(fits(kind, value), kept, "{value}");
        }
    }
}
