//! Rows of an enterprise by what somebody types of its name.

use std::collections::HashMap;

use super::Dataset;

impl Dataset {
    /// Rows of the enterprises whose names hold `typed`, whatever the case, at most so many: first of the one of that very
    /// name, then of those whose names begin with it, then of the others, each in the order of the table. Empty without ids,
    /// and where nothing is typed but space.
    pub fn rows_of_enterprises(&self, typed: &str, most: usize) -> Vec<usize> {
        let typed = typed.trim().to_lowercase();
        let Some(enterprise) = self.enterprise.as_ref().filter(|_| !typed.is_empty()) else { return Vec::new() };
        let names = self.enterprise_names.iter().enumerate();
        let mut found: Vec<(u8, usize)> = names
            .filter_map(|(code, name)| {
                let name = name.to_lowercase();
                let rank = match name.find(&typed)? {
                    0 if name.len() == typed.len() => 0,
                    0 => 1,
                    _ => 2,
                };
                Some((rank, code))
            })
            .collect();
        found.sort_unstable();
        // Each has a row at least.
        let places: HashMap<u32, usize> =
            found.iter().take(most).enumerate().map(|(place, (_, code))| (*code as u32, place)).collect();
        let rows = enterprise.iter().enumerate();
        let mut rows: Vec<(usize, usize)> = rows.filter_map(|(row, code)| Some((*places.get(code)?, row))).collect();
        rows.sort_unstable();
        rows.truncate(most);
        rows.into_iter().map(|(_, row)| row).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::data::{RoleRequest, Source};

    #[test]
    fn rows_are_found_by_a_part_of_the_name() {
        let source = Source::sample(&RoleRequest::default()).unwrap();
        let mut data = source.dataset(&source.guess.roles).unwrap();
        let n = data.n_rows();
        let names = ["North Mill", "Mill", "Oak", "milliner"];
        data.enterprise_names = names.map(str::to_owned).to_vec();
        data.enterprise = Some((0..n as u32).map(|row| row % 4).collect());
        // The very name first, then what begins with it, then what holds it.
        let found = data.rows_of_enterprises(" MILL ", n);
        let firms: Vec<u32> = found.iter().map(|row| *row as u32 % 4).collect();
        let of = |firm: u32| (0..n as u32).filter(|row| row % 4 == firm).count();
        let want: Vec<u32> = [1, 3, 0].into_iter().flat_map(|firm| vec![firm; of(firm)]).collect();
        assert_eq!(firms, want);
        assert_eq!(found[..2], [1, 5]);
        assert_eq!(data.rows_of_enterprises("mill", 3), [1, 5, 9]);
        assert_eq!(data.rows_of_enterprises("oa", 1), [2]);
        assert!(data.rows_of_enterprises("elm", 3).is_empty() && data.rows_of_enterprises("  ", 3).is_empty());
        data.enterprise = None;
        assert!(data.rows_of_enterprises("mill", 3).is_empty());
    }
}
