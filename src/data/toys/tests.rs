use super::*;
use crate::data::dataset::{Dataset, Values};
use crate::data::sample::{SAMPLES, sample_csv};
use crate::data::source::Source;
use crate::data::{Role, RoleRequest};

fn dataset(name: &str) -> Dataset {
    let source = Source::sample_named(name, &RoleRequest::default(), &Default::default()).unwrap();
    assert!(source.is_synthetic() && source.reading.rejected.is_empty());
    let roles = &source.guess.roles;
    assert_eq!(roles.bad.as_deref(), Some("bad"), "{name}");
    assert_eq!(roles.roles.iter().filter(|&&role| role == Role::Label).count(), 1);
    assert_eq!(roles.roles.last(), Some(&Role::Label));
    assert!(roles.roles.iter().all(|role| matches!(role, Role::Label | Role::Indicator)), "{name}: {roles:?}");
    source.dataset(roles).unwrap()
}

fn numbers(data: &Dataset, indicator: usize) -> &[f64] {
    let Values::Numeric(numbers) = &data.indicators[indicator].values else { panic!("text") };
    numbers
}

#[test]
fn sizes_and_classes_are_as_described_and_roles_are_guessed() {
    for (toy, indicators, labelled, unlabelled) in
        [("moons", 2, 200, 400), ("rings", 2, 200, 400), ("xor", 2, 200, 400), ("bars", 16, 280, 320)]
    {
        let data = dataset(toy);
        assert_eq!(data.indicators.len(), indicators, "{toy}");
        assert_eq!((data.n_labelled(), data.n_rows() - data.n_labelled()), (labelled, unlabelled), "{toy}");
        assert_eq!(2 * data.n_bad(), labelled, "{toy}: as many bad as good");
        assert_eq!(data.label_name, "outcome");
        assert!((0..indicators).all(|i| numbers(&data, i).iter().all(|x| x.is_finite())));
    }
}

#[test]
fn every_toy_is_listed_says_that_it_is_synthetic_and_is_the_same_each_time() {
    for toy in TOYS {
        assert!(SAMPLES.contains(&toy) && toy.description.starts_with("Synthetic: "), "{}", toy.name);
        assert_eq!(toy_csv(toy.name), toy_csv(toy.name));
        assert_eq!(sample_csv(toy.name).map(|csv| csv.starts_with("# ")), Some(true));
    }
    assert_eq!(toy_csv("nothing"), None);
    assert_ne!(toy_csv("moons").map(|csv| csv.len()), toy_csv("rings").map(|csv| csv.len()));
}

#[test]
fn rows_lie_where_their_outcome_says() {
    let rings = dataset("rings");
    let xor = dataset("xor");
    let (mut right, mut signs) = (0, 0);
    for row in rings.labelled_rows() {
        let radius = numbers(&rings, 0)[row].hypot(numbers(&rings, 1)[row]);
        right += usize::from((radius > 1.5) == (rings.bad[row] == Some(true)));
        let differ = numbers(&xor, 0)[row] * numbers(&xor, 1)[row] < 0.0;
        signs += usize::from(differ == (xor.bad[row] == Some(true)));
    }
    // Beyond 0.5 / 0.15 and beyond 1 / 0.35 standard deviations: fewer than 1 in 1,000, and 1 in 100.
    assert!(right >= 198 && signs >= 192, "{right} {signs}");
}

#[test]
fn bars_light_columns_and_stripes_rows() {
    let pictures = all_pictures();
    assert_eq!(pictures.len(), 30);
    let distinct: std::collections::HashSet<Picture> = pictures.iter().map(|(picture, _)| *picture).collect();
    assert_eq!(distinct.len(), 30);
    for (picture, bad) in &pictures {
        let alike = |step: usize, from: usize| (1..SIDE).all(|k| picture[from] == picture[from + k * step]);
        let columns = (0..SIDE).all(|column| alike(SIDE, column));
        let rows = (0..SIDE).all(|row| alike(1, row * SIDE));
        assert_eq!((columns, rows), (*bad != Some(true), *bad != Some(false)));
    }
    // The first 30 rows are the pictures as they are; of the others about 1 pixel in 20 is not.
    let data = dataset("bars");
    let lit = |row: usize| -> Picture { std::array::from_fn(|pixel| numbers(&data, pixel)[row] == 1.0) };
    assert!((0..30).all(|row| lit(row) == pictures[row].0));
    let flipped: usize =
        (30..600).map(|row| lit(row).iter().zip(&pictures[row % 30].0).filter(|(a, b)| a != b).count()).sum();
    // 5 % of 9,120, within five standard deviations.
    assert!((352..=560).contains(&flipped), "{flipped}");
}
