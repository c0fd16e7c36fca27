//! Texts by name, in order of name.

/// A handful of texts by name. A sorted list: for a handful a tree is no
/// quicker, and its code is a twentieth of what a browser would load.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    fn find(&self, name: &str) -> Result<usize, usize> {
        self.0
            .binary_search_by(|(known, _)| known.as_str().cmp(name))
    }

    /// The text of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&String> {
        let (_, text) = self.0.get(self.find(name).ok()?)?;
        Some(text)
    }

    /// The text of this name, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut String> {
        let at = self.find(name).ok()?;
        let (_, text) = self.0.get_mut(at)?;
        Some(text)
    }

    /// Gives a name this text, in place of one it had.
    pub fn insert(&mut self, name: &str, text: String) {
        match self.find(name) {
            Ok(at) => self.0[at].1 = text,
            Err(at) => self.0.insert(at, (name.to_owned(), text)),
        }
    }

    /// Adds a line to the text of this name.
    pub fn add_line(&mut self, name: &str, line: &str) {
        match self.get_mut(name) {
            Some(text) => {
                text.push('\n');
                text.push_str(line);
            }
            None => self.insert(name, line.to_owned()),
        }
    }

    /// Takes the text of this name away.
    pub fn remove(&mut self, name: &str) {
        if let Ok(at) = self.find(name) {
            self.0.remove(at);
        }
    }

    /// Names with their texts.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.iter();
        pairs.map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::Fields;
    use proptest::{collection::vec, prelude::*};
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn they_behave_as_a_map(steps in vec(("[a-c]", "[x-z]", 0..3_u8), 0..40)) {
            let (mut ours, mut map) = (Fields::default(), BTreeMap::<String, String>::new());
            for (name, text, what) in steps {
                match what {
                    0 => {
                        ours.insert(&name, text.clone());
                        map.insert(name, text);
                    }
                    1 => {
                        ours.add_line(&name, &text);
                        map.entry(name)
                            .and_modify(|all| *all = format!("{all}\n{text}"))
                            .or_insert(text);
                    }
                    _ => {
                        ours.remove(&name);
                        map.remove(&name);
                    }
                }
                let theirs: Vec<_> = map.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
                prop_assert_eq!(ours.iter().collect::<Vec<_>>(), theirs);
                prop_assert_eq!(ours.get("b"), map.get("b"));
            }
        }
    }
}
