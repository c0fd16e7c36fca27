//! What somebody typed into a form, and what was wrong with it.

use crate::fields::Fields;

/// A form as it is shown again after it was refused: nothing typed is lost and
/// each error stands beside its field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormState {
    /// What was typed, by field name. A field that came several times holds
    /// its values one a line.
    pub values: Fields,
    /// What is wrong, by field name; `""` is for the form as a whole.
    pub errors: Fields,
}

impl FormState {
    /// An empty form.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With a value to begin with.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<String>) -> Self {
        self.values.insert(field, value.into());
        self
    }

    /// With an error; `""` is for the form as a whole.
    #[must_use]
    pub fn refuse(mut self, field: &str, message: impl Into<String>) -> Self {
        self.errors.insert(field, message.into());
        self
    }

    /// What was typed into a field; empty when nothing was.
    #[must_use]
    pub fn value(&self, field: &str) -> String {
        self.values.get(field).cloned().unwrap_or_default()
    }

    /// What was typed into a field, or `otherwise` when the form was not sent yet.
    #[must_use]
    pub fn value_or(&self, field: &str, otherwise: &str) -> String {
        self.values
            .get(field)
            .map_or_else(|| otherwise.to_owned(), Clone::clone)
    }

    /// Whether a field that may come several times came with this value.
    #[must_use]
    pub fn has(&self, field: &str, value: &str) -> bool {
        self.values
            .get(field)
            .is_some_and(|all| all.lines().any(|one| one == value))
    }

    /// Whether a box was ticked.
    #[must_use]
    pub fn ticked(&self, field: &str) -> bool {
        self.values
            .get(field)
            .is_some_and(|v| matches!(v.as_str(), "on" | "true" | "1" | "yes"))
    }

    /// What is wrong with a field.
    #[must_use]
    pub fn error(&self, field: &str) -> Option<String> {
        self.errors.get(field).cloned()
    }

    /// Whether anything is wrong.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        !self.errors.is_empty()
    }

    /// Collects pairs as a form body carries them; a field that comes again adds a line.
    pub fn from_pairs<K: AsRef<str>, V: AsRef<str>>(
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let mut form = Self::default();
        for (field, value) in pairs {
            form.values.add_line(field.as_ref(), value.as_ref());
        }
        form
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_comes_twice_keeps_both_values() {
        let form = FormState::from_pairs([("people", "a"), ("title", "x"), ("people", "b")]);
        assert!(form.has("people", "a") && form.has("people", "b") && !form.has("people", "c"));
        assert_eq!(form.value("title"), "x");
    }

    #[test]
    fn what_was_never_sent_falls_back_and_what_was_cleared_does_not() {
        let form = FormState::new().with("severity", "");
        assert_eq!(form.value_or("severity", "SEV2"), "");
        assert_eq!(form.value_or("title", "t"), "t");
        assert!(
            !form
                .refuse("", "no")
                .error("")
                .unwrap_or_default()
                .is_empty()
        );
    }
}
