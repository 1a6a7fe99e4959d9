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
    /// For rows `0..n_rows` of `width` values each, within `bytes`, but never fewer than two rows (an iteration needs two)
    /// nor more than there are.
    pub(super) fn new(n_rows: usize, width: usize, bytes: usize) -> Self {
        let capacity = (bytes / (width * size_of::<f32>()).max(1)).min(n_rows).max(2);
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
        *self = Self::new(self.slot_of_row.len(), self.width, self.capacity * self.width * size_of::<f32>());
    }

    /// Rows that can be kept at once, at least 2.
    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Whether the row is kept.
    pub(super) fn holds(&self, row: usize) -> bool {
        self.slot_of_row[row] != NOWHERE
    }

    /// The slot of a kept row, which becomes the newest.
    pub(super) fn find(&mut self, row: usize) -> Option<usize> {
        let slot = self.slot_of_row[row];
        (slot != NOWHERE).then(|| {
            let slot = slot as usize;
            self.unlink(slot);
            self.link_newest(slot);
            slot
        })
    }

    /// A slot for a row that is not kept; it becomes the newest, and its old values are to be overwritten.
    pub(super) fn claim(&mut self, row: usize) -> usize {
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
        slot
    }

    /// The values in a slot.
    pub(super) fn row(&self, slot: usize) -> &[f32] {
        &self.values[slot - 1]
    }

    /// The values in a slot, to be written.
    pub(super) fn row_mut(&mut self, slot: usize) -> &mut [f32] {
        &mut self.values[slot - 1]
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

    #[test]
    fn the_row_unused_for_longest_goes_first() {
        let mut cache = RowCache::new(9, 4, 3 * 4 * 4);
        assert_eq!(cache.capacity(), 3);
        for row in [5, 6, 7] {
            let slot = cache.claim(row);
            cache.row_mut(slot).fill(row as f32);
        }
        assert!(cache.find(5).is_some());
        let slot = cache.claim(8);
        cache.row_mut(slot).fill(8.0);
        assert!(cache.holds(5) && !cache.holds(6) && cache.holds(7) && cache.holds(8));
        for row in [5, 7, 8] {
            let slot = cache.find(row).unwrap();
            assert_eq!(cache.row(slot), [row as f32; 4]);
        }
        assert!(cache.find(6).is_none());
        cache.clear();
        assert!(cache.capacity() == 3 && (0..9).all(|row| !cache.holds(row)));
    }

    #[test]
    fn two_rows_are_the_least() {
        let mut cache = RowCache::new(5, 1000, 0);
        assert_eq!(cache.capacity(), 2);
        for row in [0, 1, 2, 3, 4, 0] {
            cache.claim(row);
        }
        assert!(cache.holds(0) && cache.holds(4) && !cache.holds(3));
    }
}
