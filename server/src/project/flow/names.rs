//! The names in view while a function is walked.

use rustc_hash::FxHashMap;

use super::Value;

/// The names in view with their values; the one that was bound last hides those before it.
#[derive(Default)]
pub(super) struct Names {
    values: Vec<(String, Value)>,
    /// Where the bindings of each name are among the values.
    places: FxHashMap<String, Vec<usize>>,
}

impl Names {
    /// How many bindings are in view, to go back to.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    pub fn bind(&mut self, name: &str, value: Value) {
        let place = self.values.len();
        self.values.push((name.to_string(), value));
        match self.places.get_mut(name) {
            Some(places) => places.push(place),
            None => {
                self.places.insert(name.to_string(), vec![place]);
            }
        }
    }

    /// Takes all bindings out of view but so many.
    pub fn truncate(&mut self, len: usize) {
        for (name, _) in self.values.drain(len.min(self.values.len())..).rev() {
            if let Some(places) = self.places.get_mut(&name) {
                places.pop();
            }
        }
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        let place = *self.places.get(name)?.last()?;
        self.values.get(place).map(|(_, value)| value)
    }

    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        let place = *self.places.get(name)?.last()?;
        self.values.get_mut(place).map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_binding_hides_those_before_it_until_it_goes() {
        let value = |sources| Value { sources, ..Value::default() };
        let mut names = Names::default();
        names.bind("a", value(1));
        let outer = names.len();
        names.bind("a", value(2));
        names.bind("b", value(4));
        let sources = |names: &Names, name| names.get(name).map(|it| it.sources);
        assert_eq!((sources(&names, "a"), sources(&names, "b")), (Some(2), Some(4)));
        names.truncate(outer);
        assert_eq!((sources(&names, "a"), sources(&names, "b")), (Some(1), None));
    }
}
