//! Indicator by indicator: how dreams are spread beside real rows.

use statrs::distribution::{ChiSquared, ContinuousCDF as _};

use crate::data::{Dataset, OTHER_LEVELS, Original, OriginalValue, Preparation, Values, quantile};

/// Bins of a number.
const BINS: usize = 16;
/// What the scaled distance of two samples of one population exceeds in one case of twenty (Smirnov's limit law).
const KS_CRITICAL: f64 = 1.358;
/// From this distance on two spreads are far apart: three cells in ten would have to move.
const FAR: f64 = 0.3;

/// How one indicator is spread over real rows and over dreams.
#[derive(Clone, Debug, PartialEq)]
pub struct IndicatorSpread {
    /// Its name.
    pub indicator: String,
    /// The bins.
    pub spread: Spread,
    /// Share of the real cells in each bin, 0..=1; missing ones do not count.
    pub real: Vec<f64>,
    /// The same of the dreams.
    pub dreamed: Vec<f64>,
    /// Real cells, and dreamed ones, that are there.
    pub cells: [usize; 2],
    /// Of numbers the largest difference of the two cumulative distributions (two-sample Kolmogorov–Smirnov), of levels the
    /// share of cells that would have to move (total variation): 0 alike, 1 nothing in common. `None` when either has none.
    pub distance: Option<f64>,
    /// Whether two samples of one population differ by as much in less than one case of twenty.
    pub beyond_chance: bool,
}

/// What the bins of an [`IndicatorSpread`] hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Spread {
    /// Numbers, in bins of equal width. What lies beyond is counted in the first and the last.
    Numbers {
        /// Lower end of the first bin: the 1 % quantile of the real cells.
        low: f64,
        /// Upper end of the last: their 99 % quantile.
        high: f64,
    },
    /// One bin for each level that the inputs tell apart.
    Levels(Vec<String>),
}

impl IndicatorSpread {
    /// The distance in words.
    pub fn words(&self) -> &'static str {
        match self.distance {
            None => "nothing to compare",
            Some(_) if !self.beyond_chance => "no difference seen",
            Some(distance) if distance < FAR => "somewhat apart",
            Some(_) => "far apart",
        }
    }
}

/// Compares the cells of `rows` of `data` with dreams, indicator by indicator of `preparation`.
///
/// A dream is one value for each of these, in their order ([`Preparation::original`]). Indicators of which only a flag is
/// left are left out.
pub fn compare_spreads(
    preparation: &Preparation,
    data: &Dataset,
    rows: &[usize],
    dreams: &[Vec<OriginalValue>],
) -> Vec<IndicatorSpread> {
    let names = preparation.indicators().enumerate();
    names
        .filter_map(|(at, name)| {
            let indicator = data.indicators.iter().find(|indicator| indicator.name == name)?;
            let dreamed = || dreams.iter().filter_map(|dream| dream.get(at)).filter(|value| !value.is_missing());
            let levels = preparation.levels_of(name);
            match &indicator.values {
                Values::Numeric(_) if preparation.inputs_of(name)?.values.is_empty() => None,
                Values::Numeric(cells) => {
                    let real = rows.iter().map(|&row| cells[row]).filter(|x| x.is_finite()).collect();
                    let dreamed = dreamed().filter_map(|value| match value.value {
                        Original::Number(x) if x.is_finite() => Some(x),
                        Original::Number(_) | Original::Level { .. } | Original::Unknown => None,
                    });
                    Some(of_numbers(name, real, dreamed.collect()))
                }
                Values::Category { .. } if levels.is_empty() => None,
                Values::Category { codes, levels: texts } => {
                    let real = rows.iter().filter_map(|&row| codes[row]).map(|code| texts[code as usize].as_str());
                    let dreamed = dreamed().filter_map(|value| match &value.value {
                        Original::Level { text, .. } => Some(text.as_str()),
                        Original::Number(_) | Original::Unknown => None,
                    });
                    let counts = [shares(&levels, real), shares(&levels, dreamed)];
                    Some(of_levels(name, levels, &counts))
                }
            }
        })
        .collect()
}

fn of_numbers(name: &str, mut real: Vec<f64>, mut dreamed: Vec<f64>) -> IndicatorSpread {
    real.sort_unstable_by(f64::total_cmp);
    dreamed.sort_unstable_by(f64::total_cmp);
    let (low, high) = range(if real.is_empty() { &dreamed } else { &real });
    // Half of each, since the difference of large numbers might overflow.
    let bin = |x: f64| {
        ((x / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0) * BINS as f64).clamp(0.0, BINS as f64 - 1.0) as usize
    };
    let binned = |cells: &[f64]| {
        let mut counts = vec![0; BINS];
        for &x in cells {
            counts[bin(x)] += 1;
        }
        in_shares(&counts)
    };
    let cells = [real.len(), dreamed.len()];
    let distance = (!real.is_empty() && !dreamed.is_empty()).then(|| kolmogorov_smirnov(&real, &dreamed));
    let [n, m] = cells.map(|cells| cells as f64);
    IndicatorSpread {
        indicator: name.to_owned(),
        spread: Spread::Numbers { low, high },
        real: binned(&real),
        dreamed: binned(&dreamed),
        cells,
        distance,
        beyond_chance: distance.is_some_and(|distance| distance * (n * m / (n + m)).sqrt() > KS_CRITICAL),
    }
}

/// Ends of the bins for ascending numbers: where nearly all lie, or all, or around the only one.
fn range(ascending: &[f64]) -> (f64, f64) {
    let (Some(&first), Some(&last)) = (ascending.first(), ascending.last()) else { return (0.0, 1.0) };
    let inner = (quantile(ascending, 0.01), quantile(ascending, 0.99));
    [inner, (first, last)].into_iter().find(|(low, high)| low < high).unwrap_or_else(|| {
        let aside = first.abs().max(1.0) / 2.0;
        (first - aside, first + aside)
    })
}

/// The largest difference of the cumulative distributions of two ascending samples, none empty.
fn kolmogorov_smirnov(a: &[f64], b: &[f64]) -> f64 {
    let (mut i, mut j, mut largest) = (0, 0, 0.0_f64);
    while let (Some(&x), Some(&y)) = (a.get(i), b.get(j)) {
        let at = x.min(y);
        i += a[i..].iter().take_while(|&&x| x <= at).count();
        j += b[j..].iter().take_while(|&&y| y <= at).count();
        largest = largest.max((i as f64 / a.len() as f64 - j as f64 / b.len() as f64).abs());
    }
    largest
}

/// How many cells have each of `levels`; a level that is none of them counts as another one, where inputs tell of these.
fn shares<'a>(levels: &[String], cells: impl Iterator<Item = &'a str>) -> Vec<usize> {
    let other = levels.iter().position(|level| level == OTHER_LEVELS);
    let mut counts = vec![0; levels.len()];
    for cell in cells {
        if let Some(level) = levels.iter().position(|level| level == cell).or(other) {
            counts[level] += 1;
        }
    }
    counts
}

fn of_levels(name: &str, levels: Vec<String>, counts: &[Vec<usize>; 2]) -> IndicatorSpread {
    let cells = [0, 1].map(|sample| counts[sample].iter().sum::<usize>());
    let [real, dreamed] = [0, 1].map(|sample| in_shares(&counts[sample]));
    let moved = real.iter().zip(&dreamed).map(|(p, q)| (p - q).abs()).sum::<f64>() / 2.0;
    IndicatorSpread {
        indicator: name.to_owned(),
        spread: Spread::Levels(levels),
        real,
        dreamed,
        cells,
        distance: (!cells.contains(&0)).then_some(moved),
        beyond_chance: !cells.contains(&0) && homogeneity_is_rejected(counts, cells),
    }
}

/// The chi-square test that two rows of counts come from one population, at 5 %.
fn homogeneity_is_rejected(counts: &[Vec<usize>; 2], cells: [usize; 2]) -> bool {
    let [n, m] = cells.map(|cells| cells as f64);
    let both = counts[0].iter().zip(&counts[1]).map(|(&a, &b)| (a as f64, b as f64)).filter(|(a, b)| a + b > 0.0);
    let (mut statistic, mut bins) = (0.0, 0_u32);
    for (a, b) in both {
        statistic += ((m / n).sqrt() * a - (n / m).sqrt() * b).powi(2) / (a + b);
        bins += 1;
    }
    let free = f64::from(bins.saturating_sub(1));
    ChiSquared::new(free).is_ok_and(|chi| statistic > chi.inverse_cdf(0.95))
}

/// Counts over their sum; all 0 without any.
fn in_shares(counts: &[usize]) -> Vec<f64> {
    let all = counts.iter().sum::<usize>().max(1) as f64;
    counts.iter().map(|&count| count as f64 / all).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{PreparationSettings, Role, RoleRequest, Source};

    fn table(rows: &str) -> Dataset {
        let text = format!("x,c,same,bad\n{rows}");
        let source = Source::from_bytes("t.csv".as_ref(), text.as_bytes(), &RoleRequest::default()).unwrap();
        let mut roles = source.guess.roles.clone();
        roles.roles = vec![Role::Indicator, Role::Indicator, Role::Indicator, Role::Label];
        source.dataset(&roles).unwrap()
    }

    #[test]
    fn distances_by_hand() {
        assert_eq!(kolmogorov_smirnov(&[1.0, 2.0, 3.0, 4.0], &[3.0, 4.0, 5.0, 6.0]), 0.5);
        assert_eq!(kolmogorov_smirnov(&[1.0, 1.0, 2.0], &[1.0, 2.0]), 2.0 / 3.0 - 0.5);
        assert_eq!(kolmogorov_smirnov(&[1.0], &[2.0]), 1.0);
        assert_eq!(kolmogorov_smirnov(&[1.0, 2.0], &[1.0, 2.0]), 0.0);
        // 2 × 2: χ² = n(ad − bc)²/(…), 40·(10·15 − 10·5)²/(20·20·15·25) = 2.67 for (10, 10) and (5, 15), below 3.84.
        let counts = |b| [vec![10, 10, 0], b];
        assert!(!homogeneity_is_rejected(&counts(vec![5, 15, 0]), [20, 20]));
        // 40·(10·17 − 10·3)²/(20·20·13·27) = 5.58.
        assert!(homogeneity_is_rejected(&counts(vec![3, 17, 0]), [20, 20]));
        assert!(!homogeneity_is_rejected(&[vec![4, 0], vec![9, 0]], [4, 9]), "one level cannot differ");
    }

    #[test]
    fn dreams_are_held_against_real_cells() {
        let row = |i: usize| {
            let (c, same) = (["a", "b", "a", ""][i % 4], if i.is_multiple_of(5) { "" } else { "7" });
            format!("{i},{c},{same},{}\n", i % 2)
        };
        let rows = (0..40).map(row).collect::<Vec<_>>().concat();
        let data = table(&rows);
        let all: Vec<usize> = (0..40).collect();
        let preparation = Preparation::fit(&data, &all, &PreparationSettings::default()).unwrap();
        assert_eq!(preparation.indicators().collect::<Vec<_>>(), ["x", "c", "same"]);
        let inputs = preparation.apply(&data, &all);
        let back: Vec<_> = inputs.rows().into_iter().map(|row| preparation.original(&row)).collect();
        let found = compare_spreads(&preparation, &data, &all, &back);
        assert_eq!(found.len(), 2, "of \"same\" only the flag is left");
        let [x, c] = &found[..] else { panic!("{found:?}") };
        assert_eq!((x.distance, x.cells, x.words()), (Some(0.0), [40, 40], "no difference seen"));
        assert_eq!(x.real, x.dreamed);
        assert!((x.real.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let Spread::Numbers { low, high } = x.spread else { panic!("{x:?}") };
        assert!((low - 0.39).abs() < 1e-12 && (high - 38.61).abs() < 1e-12);
        // Of 30 cells two thirds are a; the ten missing ones come back as missing.
        assert_eq!((c.cells, &c.spread), ([30, 30], &Spread::Levels(vec!["a".to_owned(), "b".to_owned()])));
        assert!((c.real[0] - 2.0 / 3.0).abs() < 1e-12 && c.distance == Some(0.0));
        // Only the upper half is dreamed.
        let upper = compare_spreads(&preparation, &data, &all, &back[20..]);
        assert_eq!((upper[0].distance, upper[0].words()), (Some(0.5), "far apart"));
        assert_eq!(upper[1].words(), "no difference seen");
        let none = compare_spreads(&preparation, &data, &all, &[]);
        assert_eq!((none[0].distance, none[0].words()), (None, "nothing to compare"));
        let no_rows = compare_spreads(&preparation, &data, &[], &back);
        assert_eq!((no_rows[0].distance, no_rows[0].cells), (None, [0, 40]));
    }

    #[test]
    fn ranges_are_never_empty() {
        assert_eq!(range(&[]), (0.0, 1.0));
        assert_eq!(range(&[4.0]), (2.0, 6.0));
        assert_eq!(range(&[0.0, 0.0]), (-0.5, 0.5));
        let mut mostly = vec![1.0; 300];
        mostly.push(9.0);
        assert_eq!(range(&mostly), (1.0, 9.0));
        let huge = of_numbers("x", vec![f64::MIN, f64::MAX], vec![0.0]);
        assert_eq!(huge.dreamed[BINS / 2], 1.0);
    }
}
