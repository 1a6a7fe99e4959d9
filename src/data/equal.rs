//! Which of many things are equal, found by their hashes in one sort.

/// Of each thing the first that is equal to it, itself when there is none before. `hashes` are equal for equal things,
/// and nearly never for others; `equal` decides.
pub fn first_equals(hashes: Vec<u64>, equal: impl Fn(usize, usize) -> bool) -> Vec<usize> {
    let mut first: Vec<usize> = (0..hashes.len()).collect();
    let mut order: Vec<(u64, usize)> = hashes.into_iter().zip(0..).collect();
    order.sort_unstable();
    for run in order.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
        let mut leaders: Vec<usize> = Vec::new();
        for &(_, i) in run {
            match leaders.iter().find(|&&leader| equal(leader, i)) {
                Some(&leader) => first[i] = leader,
                None => leaders.push(i),
            }
        }
    }
    first
}

/// One step of a multiplicative hash; the shift brings the high bits, which vary most in floats, down again.
pub fn mix(hash: u64, bits: u64) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mixed = (hash.rotate_left(5) ^ bits).wrapping_mul(ODD);
    mixed ^ (mixed >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_things_are_found_whatever_their_hashes_collide_with() {
        let things = ["b", "a", "b", "c", "a", "b"];
        let equal = |a: usize, b: usize| things[a] == things[b];
        let hashes = |hash: fn(&str) -> u64| things.iter().map(|thing| hash(thing)).collect();
        let expected = [0, 1, 0, 3, 1, 0];
        assert_eq!(first_equals(hashes(|thing| mix(0, thing.as_bytes()[0].into())), equal), expected);
        assert_eq!(first_equals(hashes(|_| 7), equal), expected);
        assert!(first_equals(Vec::new(), equal).is_empty());
    }

    #[test]
    fn the_order_of_what_is_mixed_matters() {
        assert_ne!(mix(mix(0, 1), 2), mix(mix(0, 2), 1));
        // Small whole numbers differ in their high bits only, as floats.
        let hashes: std::collections::HashSet<u64> = (0..1000).map(|x| mix(0, f64::from(x).to_bits())).collect();
        assert_eq!(hashes.len(), 1000);
    }
}
