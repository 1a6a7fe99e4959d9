//! A bounded store of kernel rows that drops the one unused for longest.

/// Stands for "not kept".
const NOWHERE: u32 = u32::MAX;
/// The list node that is both before the newest and after the oldest.
const ENDS: usize = 0;

/// Kernel rows by row number. A kept row lives in a slot, numbered from 1; slots form a circular list, newest first.
/// Memory is taken slot by slot, up to the capacity.
#[derive(Clone, Debug)]
pub(super) struct RowCache {
    width: usize,
    capacity: usize,
    values: Vec<Vec<f32>>,
    slot_of_row: Vec<u32>,
    row_of_slot: Vec<usize>,
    newer: Vec<usize>,
    older: Vec<usize>,
}

impl RowCache {
    /// For rows `0..n_rows` of `width` values each, within `bytes`, but never fewer than `least` nor more than there are.
    pub(super) fn new(n_rows: usize, width: usize, bytes: usize, least: usize) -> Self {
        let capacity = (bytes / (width * size_of::<f32>()).max(1)).min(n_rows).max(least);
        Self {
            width,
            capacity,
            values: Vec::new(),
            slot_of_row: vec![NOWHERE; n_rows],
            row_of_slot: vec![0],
            newer: vec![ENDS],
            older: vec![ENDS],
        }
    }

    /// Forgets all rows and gives back their memory.
    pub(super) fn clear(&mut self) {
        *self = Self::new(self.slot_of_row.len(), self.width, 0, self.capacity);
    }

    /// Rows that can be kept at once.
    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Whether the row is kept; if so, it becomes the newest.
    pub(super) fn touch(&mut self, row: usize) -> bool {
        let kept = self.slot_of_row[row] != NOWHERE;
        if kept {
            let slot = self.slot_of_row[row] as usize;
            self.unlink(slot);
            self.link_newest(slot);
        }
        kept
    }

    /// Room for a row that is not kept; it becomes the newest, and its old values are to be overwritten.
    pub(super) fn claim(&mut self, row: usize) -> &mut Vec<f32> {
        let slot = if self.values.len() < self.capacity {
            self.values.push(vec![0.0; self.width]);
            self.row_of_slot.push(row);
            self.newer.push(ENDS);
            self.older.push(ENDS);
            self.values.len()
        } else {
            let oldest = self.newer[ENDS];
            self.unlink(oldest);
            self.slot_of_row[self.row_of_slot[oldest]] = NOWHERE;
            self.row_of_slot[oldest] = row;
            oldest
        };
        self.slot_of_row[row] = slot as u32;
        self.link_newest(slot);
        &mut self.values[slot - 1]
    }

    /// The values of a kept row; none of a row that is not.
    pub(super) fn row(&self, row: usize) -> &[f32] {
        let slot = self.slot_of_row[row];
        if slot == NOWHERE { &[] } else { &self.values[slot as usize - 1] }
    }

    /// Gives a kept row its values.
    pub(super) fn put(&mut self, row: usize, values: Vec<f32>) {
        let slot = self.slot_of_row[row];
        if slot != NOWHERE {
            self.values[slot as usize - 1] = values;
        }
    }

    fn unlink(&mut self, slot: usize) {
        let (newer, older) = (self.newer[slot], self.older[slot]);
        self.older[newer] = older;
        self.newer[older] = newer;
    }

    fn link_newest(&mut self, slot: usize) {
        let second = self.older[ENDS];
        self.older[ENDS] = slot;
        self.newer[slot] = ENDS;
        self.older[slot] = second;
        self.newer[second] = slot;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(cache: &RowCache) -> Vec<usize> {
        (0..9).filter(|&row| !cache.row(row).is_empty()).collect()
    }

    #[test]
    fn the_row_unused_for_longest_goes_first() {
        let mut cache = RowCache::new(9, 4, 3 * 4 * 4, 2);
        assert_eq!(cache.capacity(), 3);
        for row in [5, 6, 7] {
            cache.claim(row).fill(row as f32);
        }
        assert!(cache.touch(5) && !cache.touch(8));
        cache.claim(8);
        cache.put(8, vec![8.0; 4]);
        assert_eq!(kept(&cache), [5, 7, 8]);
        for row in [5, 7, 8] {
            assert_eq!(cache.row(row), [row as f32; 4]);
        }
        cache.clear();
        assert!(cache.capacity() == 3 && kept(&cache).is_empty());
    }

    #[test]
    fn as_many_as_are_needed_at_least_and_as_there_are_at_most() {
        let mut cache = RowCache::new(9, 1000, 0, 2);
        assert_eq!(cache.capacity(), 2);
        for row in [0, 1, 2, 3, 4, 0] {
            cache.claim(row);
        }
        assert_eq!(kept(&cache), [0, 4]);
        assert_eq!(RowCache::new(9, 4, 1 << 20, 2).capacity(), 9);
    }
}
