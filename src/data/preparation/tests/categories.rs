//! Categories by hand.

use super::*;

fn with(categories: CategorySettings) -> PreparationSettings {
    PreparationSettings { categories, ..scaled(ScaleMethod::ZeroToOne) }
}

fn texts(cells: &[&str]) -> Values {
    let mut levels: Vec<String> = cells.iter().map(|&cell| cell.to_owned()).filter(|cell| !cell.is_empty()).collect();
    levels.sort();
    levels.dedup();
    let code = |cell: &&str| levels.iter().position(|level| level == cell).map(|place| place as u32);
    Values::Category { codes: cells.iter().map(code).collect(), levels }
}

#[test]
fn levels_by_frequency_then_other() {
    let data = data(vec![("c", letters("abbccc d e"))]);
    let settings = PreparationSettings {
        categories: CategorySettings { max_levels: 2, ..Default::default() },
        ..standardise(0.0)
    };
    let fitted = fit(&data, 0..8, &settings);
    assert_eq!(fitted.input_names(), ["c = c", "c = b", "c: other", "c missing"]);
    let found = columns(&fitted, &data);
    assert_eq!(found[0], [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(found[1], [0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    // e was never seen in training.
    assert_eq!(found[2], [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0]);
    assert_eq!(found[3], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0]);
}

#[test]
fn levels_beside_normal_scores_are_signed() {
    let data = data(vec![("c", letters("aab c"))]);
    let fitted = fit(&data, 0..4, &PreparationSettings::default());
    assert_eq!(fitted.input_names(), ["c = a", "c = b", "c missing"]);
    let found = columns(&fitted, &data);
    // Missing is between the signs; the unseen level c is neither a nor b, and no input stands for others.
    assert_eq!(found[0], [1.0, 1.0, -1.0, 0.0, -1.0]);
    assert_eq!(found[1], [-1.0, -1.0, 1.0, 0.0, -1.0]);
    assert_eq!(found[2], [0.0, 0.0, 0.0, 2.0, 0.0]);
}

#[test]
fn rare_levels_share_an_input() {
    // Of ten cells b has three, c two and d one; a fifth is two cells.
    let table = data(vec![("c", letters("aaaabbbccd"))]);
    let names = |min_share| {
        let fitted = fit(&table, 0..10, &with(CategorySettings { min_share, ..Default::default() }));
        fitted.input_names().to_vec()
    };
    assert_eq!(names(0.0), ["c = a", "c = b", "c = c", "c = d"]);
    assert_eq!(names(0.2), ["c = a", "c = b", "c = c", "c: other"]);
    assert_eq!(names(0.35), ["c = a", "c: other"]);
    let all = data(vec![("c", letters("abcdefabcdef")), ("x", numbers(&[1.0, 2.0].repeat(6)))]);
    let fitted = fit(&all, 0..12, &with(CategorySettings { min_share: 0.5, ..Default::default() }));
    assert_eq!(fitted.input_names(), ["x"]);
    assert_eq!(
        fitted.notices(),
        ["\"c\" has no level that is frequent enough over the training rows and is set aside."]
    );
}

#[test]
fn a_missing_category_may_take_the_commonest_level() {
    let table = data(vec![("c", letters("abb c"))]);
    let missing = MissingSettings { fill: Fill::MostFrequent, ..Default::default() };
    let fitted = fit(&table, 0..4, &PreparationSettings { missing, ..Default::default() });
    assert_eq!(fitted.input_names(), ["c = b", "c = a", "c missing"]);
    let found = columns(&fitted, &table);
    assert_eq!(found[0], [-1.0, 1.0, 1.0, 1.0, -1.0]);
    assert_eq!(found[1], [1.0, -1.0, -1.0, -1.0, -1.0]);
    assert_eq!(found[2], [0.0, 0.0, 0.0, 2.0, 0.0]);
}

#[test]
fn an_order_makes_a_number() {
    let size = texts(&["small", "large", "middle", "small", "", "huge"]);
    let order = ["small", "middle", "large"].map(str::to_owned).to_vec();
    let settings = with(CategorySettings { orders: [("size".to_owned(), order)].into(), ..Default::default() });
    let table = data(vec![("size", size)]);
    // Places 0, 2, 1, 0 of 0..=2; the median, half a place, where missing or without a place.
    let fitted = fit(&table, 0..5, &settings);
    assert_eq!(fitted.input_names(), ["size", "size missing"]);
    let found = columns(&fitted, &table);
    near(&found[0], &[0.0, 1.0, 0.5, 0.0, 0.25, 0.25]);
    assert_eq!(found[1], [0.0, 0.0, 0.0, 0.0, 1.0, 1.0]);
    assert!(fitted.notices().is_empty());
    let told = fit(&table, 0..6, &settings).notices();
    assert_eq!(told, ["The order of \"size\" lacks \"huge\": such cells count as missing."]);
}

#[test]
fn numbers_in_levels_make_an_order() {
    let age = texts(&["over 10", "under 5", "5–10", "over 10"]);
    let kind = texts(&["shop", "farm", "shop", "farm"]);
    let table = data(vec![("age", age), ("kind", kind)]);
    let settings = with(CategorySettings { method: CategoryMethod::Ordered, ..Default::default() });
    let fitted = fit(&table, 0..4, &settings);
    assert_eq!(fitted.input_names(), ["age", "kind = shop", "kind = farm"]);
    near(&columns(&fitted, &table)[0], &[1.0, 0.0, 0.5, 1.0]);
    assert_eq!(fitted.notices(), ["\"age\" is taken in the order under 5 < 5–10 < over 10."]);
}
