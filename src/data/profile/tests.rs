use super::*;

#[test]
fn numbers_written_in_different_ways_are_told() {
    let mut table = Table::new(vec!["a".to_owned(), "b".to_owned()]);
    for (i, cell) in ["0,03", "1.5", "NA", "-2,25", "7"].iter().enumerate() {
        table.push_row(i as u64 + 2, [*cell, "x,y"]);
    }
    let told = almost_numeric(&table, &profile(&table));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("\"a\" is read as text, because its 4 numbers are not all written in one way"));
}

#[test]
fn one_bad_cell_among_numbers_is_told() {
    let mut table = Table::new(vec!["margin".to_owned(), "grade".to_owned()]);
    for (i, cell) in ["1.5", "2", "?", "1/0", "3", "4.25", "-"].iter().enumerate() {
        table.push_row(i as u64 + 2, [*cell, if i < 4 { "A" } else { "7" }]);
    }
    let told = almost_numeric(&table, &profile(&table));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("\"margin\" is read as text, because 1 cell is no number among 4"), "{}", told[0]);
    assert!(told[0].contains("\"1/0\" on line 5"));
}

fn one_column(cells: &[&str]) -> ColumnProfile {
    let mut table = Table::new(vec!["x".to_owned()]);
    for (i, cell) in cells.iter().enumerate() {
        table.push_row(i as u64 + 2, [*cell]);
    }
    profile(&table).remove(0)
}

#[test]
fn a_numeric_column_by_hand() {
    let profile = one_column(&["2", "4.0", "?", "4", "-", "4", "5", "5", "7", "9", ""]);
    assert_eq!((profile.kind, profile.missing, profile.distinct), (Kind::Numeric, 3, 5));
    // Mean 40 / 8; squares about it 9+1+1+1+0+0+4+16 = 32, over 7.
    assert_eq!(profile.mean, Some(5.0));
    assert!((profile.sd.unwrap() - (32.0_f64 / 7.0).sqrt()).abs() < 1e-12);
    assert_eq!((profile.min, profile.max, profile.integer), (Some(2.0), Some(9.0), true));
    assert_eq!(one_column(&["0", "-0.0"]).levels, [("0".to_owned(), 2)]);
    // 4 appears first as 4.0.
    let levels = [("4.0", 3), ("5", 2), ("2", 1), ("7", 1), ("9", 1)];
    assert_eq!(profile.levels, levels.map(|(text, count)| (text.to_owned(), count)));
}

#[test]
fn a_text_column_keeps_its_dashes() {
    let profile = one_column(&["+", "-", "-", "NA", "0"]);
    assert_eq!((profile.kind, profile.missing, profile.distinct), (Kind::Text, 1, 3));
    assert_eq!(profile.levels, [("-", 2), ("+", 1), ("0", 1)].map(|(text, count)| (text.to_owned(), count)));
    assert_eq!((profile.mean, profile.sd, profile.min, profile.max, profile.integer), (None, None, None, None, false));
}

#[test]
fn empty_columns() {
    for cells in [&["?", "-", ""][..], &[]] {
        let profile = one_column(cells);
        assert_eq!((profile.kind, profile.missing, profile.distinct), (Kind::Empty, cells.len(), 0));
        assert!(profile.levels.is_empty());
    }
}

#[test]
fn extremes_give_no_infinite_moments() {
    let profile = one_column(&["1e308", "1e308", "-1e308"]);
    assert_eq!((profile.mean, profile.sd, profile.max), (None, None, Some(1e308)));
    let single = one_column(&["-0.0"]);
    assert_eq!((single.mean, single.sd, single.distinct, single.integer), (Some(0.0), None, 1, true));
}

#[test]
fn twenty_levels_are_kept_the_most_frequent() {
    let cells: Vec<String> = (0..30).flat_map(|i| vec![format!("v{i:02}"); 1 + usize::from(i >= 25)]).collect();
    let profile = one_column(&cells.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!((profile.distinct, profile.levels.len()), (30, 20));
    assert_eq!((profile.levels[0].0.as_str(), profile.levels[4].1, profile.levels[19].0.as_str()), ("v25", 2, "v14"));
}

#[test]
fn the_spread_of_large_values_is_exact() {
    let profile = one_column(&["1000000001", "1000000002", "1000000003"]);
    assert_eq!((profile.mean, profile.sd), (Some(1000000002.0), Some(1.0)));
}

#[test]
fn quantiles_and_outliers_by_numpy() {
    // numpy.quantile([1, 2, 4, 8, 100], [.01, .05, .25, .5, .75, .95, .99]); far out is above 8 + 3 * 6 = 26.
    let profile = one_column(&["4", "1", "100", "NA", "8", "2"]);
    assert_eq!(profile.quantiles, Some([1.04, 1.2, 2.0, 4.0, 8.0, 81.59999999999998, 96.32]));
    assert_eq!(profile.outliers, Some(1));
    // Three ranges away on both sides is still in.
    assert_eq!(one_column(&["-3", "0", "0", "1", "1", "4"]).outliers, Some(0));
    let flat = one_column(&["5", "5", "5", "5", "9"]);
    assert_eq!((flat.quantiles.unwrap()[3], flat.outliers), (5.0, None));
    assert_eq!(one_column(&["a", "b"]).quantiles, None);
    let wide = one_column(&["1.5e308", "-1.5e308", "1.5e308", "-1.5e308"]);
    assert_eq!((wide.quantiles, wide.outliers, wide.histogram), (None, None, None));
}

#[test]
fn a_histogram_of_whole_numbers_has_a_bin_a_value() {
    let histogram = one_column(&["3", "0", "1", "1", "3", "?", "3"]).histogram.unwrap();
    let expected = Histogram { lower: -0.5, width: 1.0, counts: vec![1, 2, 0, 3], below: 0, above: 0 };
    assert_eq!(histogram, expected);
    // 0 to 99 in bins of three.
    let cells: Vec<String> = (0..100).map(|i| i.to_string()).collect();
    let histogram = one_column(&cells.iter().map(String::as_str).collect::<Vec<_>>()).histogram.unwrap();
    assert_eq!((histogram.lower, histogram.width, histogram.counts.len()), (-0.5, 3.0, 34));
    assert!(histogram.counts[..33].iter().all(|&count| count == 3) && histogram.counts[33] == 1);
    assert_eq!(one_column(&["7", "7"]).histogram.unwrap().counts, [2]);
}

#[test]
fn extremes_do_not_flatten_a_histogram() {
    let mut cells: Vec<String> = (0..1000).map(|i| format!("{}", f64::from(i) / 1000.0)).collect();
    cells.extend(["1e9".to_owned(), "-1e9".to_owned()]);
    let profile = one_column(&cells.iter().map(String::as_str).collect::<Vec<_>>());
    let (histogram, quantiles) = (profile.histogram.unwrap(), profile.quantiles.unwrap());
    assert_eq!((histogram.lower, histogram.counts.len()), (quantiles[0], 21));
    assert!((histogram.lower + 21.0 * histogram.width - quantiles[6]).abs() < 1e-9);
    let inside: usize = histogram.counts.iter().sum();
    assert_eq!((histogram.below, inside, histogram.above), (11, 980, 11));
    assert_eq!(profile.outliers, Some(2));
    // A constant fraction has one bin without width.
    let constant = one_column(&["0.25", "0.25"]).histogram.unwrap();
    assert_eq!(constant, Histogram { lower: 0.25, width: 0.0, counts: vec![2], below: 0, above: 0 });
}

#[test]
fn figures_agree_with_a_plain_count() {
    use crate::random::{Purpose, stream};
    use rand::RngExt as _;
    let mut random = stream(31, Purpose::Sample, 0);
    for round in 0..200 {
        let n = random.random_range(1..400);
        let numbers: Vec<f64> = (0..n)
            .map(|_| {
                let x: f64 = random.random::<f64>() * 10f64.powi(random.random_range(-3..4)) - 1.0;
                if round % 2 == 0 { x.round() } else { x }
            })
            .collect();
        let cells: Vec<String> = numbers.iter().map(f64::to_string).collect();
        let profile = one_column(&cells.iter().map(String::as_str).collect::<Vec<_>>());
        let mut different: Vec<u64> = numbers.iter().map(|x| (x + 0.0).to_bits()).collect();
        different.sort_unstable();
        different.dedup();
        assert_eq!(profile.distinct, different.len());
        let Histogram { lower, width, counts, below, above } = profile.histogram.unwrap();
        assert_eq!(below + above + counts.iter().sum::<usize>(), n);
        let first = numbers.iter().filter(|&&x| x >= lower && x < lower + width).count();
        assert!(counts.len() == 1 || counts[0] == first);
        for (text, count) in &profile.levels {
            let value: f64 = text.parse().unwrap();
            assert_eq!(numbers.iter().filter(|&&x| x == value).count(), *count);
        }
        assert!(profile.levels.is_sorted_by_key(|(_, count)| std::cmp::Reverse(*count)));
    }
}
