//! What a session keeps from one request to the next, within bounds: least recently used goes first.

use lru::LruCache;
use std::hash::Hash;

/// Values by key, bounded in number and in weight.
#[derive(Debug)]
pub struct Kept<K: Hash + Eq, V> {
    entries: LruCache<K, (V, usize)>,
    weight: usize,
    most_weight: usize,
}

impl<K: Hash + Eq, V: Clone> Kept<K, V> {
    /// Nothing yet; `most_weight` is in whatever unit [`Kept::put`] is told.
    #[must_use]
    pub fn new(most_weight: usize) -> Self {
        Self { entries: LruCache::unbounded(), weight: 0, most_weight }
    }

    /// The value of a key, which is now the most recently used.
    pub fn get(&mut self, key: &K) -> Option<V> {
        self.entries.get(key).map(|(value, _)| value.clone())
    }

    /// Keeps a value, and gives back those that had to go for it: at most `most` stay.
    ///
    /// They are given back so that the caller can drop them when nothing is borrowed.
    pub fn put(&mut self, key: K, value: V, weight: usize, most: usize) -> Vec<V> {
        let mut gone = Vec::new();
        if let Some((_, (before, its_weight))) = self.entries.push(key, (value, weight)) {
            self.weight -= its_weight;
            gone.push(before);
        }
        self.weight += weight;
        while self.entries.len() > most || self.weight > self.most_weight {
            let Some((_, (value, its_weight))) = self.entries.pop_lru() else { break };
            self.weight -= its_weight;
            gone.push(value);
        }
        gone
    }

    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::Kept;

    #[test]
    fn the_least_recently_used_goes_first() {
        let mut kept = Kept::new(100);
        assert!(kept.put(1, "a", 10, 2).is_empty());
        assert!(kept.put(2, "b", 10, 2).is_empty());
        assert_eq!(kept.get(&1), Some("a"));
        assert_eq!(kept.put(3, "c", 10, 2), ["b"]);
        assert_eq!(kept.put(3, "d", 10, 2), ["c"]);
        assert_eq!(kept.put(4, "e", 95, 3), ["a", "d"]);
        assert_eq!(kept.put(5, "f", 101, 3), ["e", "f"]);
        assert!(kept.is_empty());
        assert_eq!(kept.put(6, "g", 1, 0), ["g"]);
        assert_eq!((kept.len(), kept.weight), (0, 0));
    }
}
