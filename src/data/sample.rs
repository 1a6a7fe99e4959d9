//! The bundled sample: made-up enterprises whose risk is known by construction, so that a first run needs no file and
//! nobody's data. Synthetic, and said to be wherever it is shown.
//!
//! Each enterprise has nine standard normal states that persist over the years, `s = √0.6·level + √0.4·AR(1)` with
//! coefficient 0.5: general health g and one state of its own behind each factor. Factor k has
//! `z_k = √w_k·g + √(1−w_k)·s_k`, and the table holds an increasing function of `z_k` in a natural unit. The log-odds of
//! default in the year after are
//!
//! ```text
//! −2.3 − 1.0·profit − 0.9·repayment − 0.5·quality − 0.4·comprehensive          linear
//!      + 0.8·(growth² − 1)                                shrinking and racing are both risky
//!      − 0.9·trade·operational                            large trade needs fast operations
//!      + 1.2·[repayment < −0.75] + 1.0·[cooperation < −0.9]                    thresholds
//!      + 0.4·N(0, 1)                                      of the enterprise, seen in no column
//! ```
//!
//! in units of z. So a linear model finds most of it and a curved one somewhat more; nobody can find all.

use std::borrow::Cow;

use rand::RngExt as _;
use rand_distr::StandardNormal;

use super::toys::{self, toy_csv};
use crate::random::{Purpose, Stream, stream};

/// What is said about a bundled sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleInfo {
    /// Name on the command line.
    pub name: &'static str,
    /// Name on the screen.
    pub title: &'static str,
    /// What it is, in a few sentences. Says that it is synthetic.
    pub description: &'static str,
}

/// All bundled samples, the enterprises first.
pub const SAMPLES: &[SampleInfo] = &[ENTERPRISES, toys::MOONS, toys::RINGS, toys::XOR, toys::BARS];

const ENTERPRISES: SampleInfo = SampleInfo {
    name: "enterprises",
    title: "Sample enterprises (synthetic)",
    description: "Synthetic: these enterprises are made up by the program. 300 yearly records of 100 enterprises \
        between 2018 and 2023, each labelled with whether it defaulted in the year after (about a quarter did), and \
        1,200 records of 300 others without a label. Eight factor scores in units of their own; risk depends on them \
        partly in curves, thresholds and an interaction, with noise. About 2 % of the cells are missing at random and a \
        few are ten times too large.",
};

/// The sample "enterprises" as a file.
pub const ENTERPRISES_CSV: &str = include_str!("../../assets/sample_enterprises.csv");

/// The file of the sample of this name; toy sets are made at once.
pub fn sample_csv(name: &str) -> Option<Cow<'static, str>> {
    if name == ENTERPRISES.name { Some(Cow::Borrowed(ENTERPRISES_CSV)) } else { toy_csv(name).map(Cow::Owned) }
}

/// What is said about the sample of this name.
pub fn sample_info(name: &str) -> Option<&'static SampleInfo> {
    SAMPLES.iter().find(|sample| sample.name == name)
}

const SEED: u64 = 2018;
const LABELLED_ENTERPRISES: u64 = 100;
const UNLABELLED_ENTERPRISES: u64 = 300;
const FIRST_YEAR: usize = 2018;
const LAST_YEAR: usize = 2023;

/// Share of cells left empty, independent of everything: missingness says nothing about the label.
const MISSING: f64 = 0.02;
/// Share of cells, in the factors that can have them, with the decimal point one place too far right.
const SLIPPED: f64 = 0.005;

/// How one factor is made and written.
struct Factor {
    name: &'static str,
    /// Share of its variance that is general health, w.
    shared: f64,
    /// From z to the unit of the file.
    unit: fn(f64) -> f64,
    decimals: usize,
    /// Whether a decimal slip is possible: in a free number, not in a score with a ceiling.
    slips: bool,
}

const N_FACTORS: usize = 8;
const QUALITY: usize = 0;
const TRADE: usize = 1;
const PROFIT: usize = 2;
const OPERATIONAL: usize = 3;
const COMPREHENSIVE: usize = 4;
const GROWTH: usize = 5;
const COOPERATION: usize = 6;
const REPAYMENT: usize = 7;

const FACTORS: [Factor; N_FACTORS] = [
    Factor {
        name: "quality_construction_factor",
        shared: 0.30,
        unit: |z| (62.0 + 12.0 * z).clamp(0.0, 100.0),
        decimals: 1,
        slips: false,
    },
    Factor { name: "trade_factor", shared: 0.10, unit: |z| (4.2 + 1.1 * z).exp(), decimals: 1, slips: true },
    Factor { name: "profit_factor", shared: 0.35, unit: |z| 4.0 + 5.5 * z + 0.6 * z * z * z, decimals: 2, slips: true },
    Factor { name: "operational_factor", shared: 0.20, unit: |z| (0.5 * z - 0.1).exp(), decimals: 2, slips: false },
    Factor {
        name: "comprehensive_factor",
        shared: 0.40,
        unit: |z| (600.0 + 70.0 * z).clamp(300.0, 900.0),
        decimals: 0,
        slips: false,
    },
    Factor {
        name: "growth_factor",
        shared: 0.05,
        unit: |z| 8.0 + 14.0 * z + 1.7 * z * z * z,
        decimals: 1,
        slips: true,
    },
    Factor {
        name: "cooperation_factor",
        shared: 0.25,
        unit: |z| 1.0 / (1.0 + (-1.2 - 0.9 * z).exp()),
        decimals: 3,
        slips: false,
    },
    Factor {
        name: "project_construction_and_debt_repayment_factor",
        shared: 0.30,
        unit: |z| (0.35 + 0.45 * z).exp(),
        decimals: 2,
        slips: false,
    },
];

/// The notes above the header.
const NOTES: &str = "\
# Synthetic sample of Beliefscope: made by the program from a fixed seed, no real enterprise is in it.
# Units: quality construction, points 0 to 100; trade, turnover in million yuan; profit, return on sales in per cent;
# operational, turns of assets a year; comprehensive, rating points 300 to 900; growth, sales growth in per cent;
# cooperation, share of contracts fulfilled; project construction and debt repayment, cash flow over debt service.
# default: 1 if the enterprise defaulted in the year after, 0 if not, empty where it is not known.
";

/// The sample "enterprises": the notes, a header and 1,500 records. The asset is this text, bit for bit; logarithms of
/// another platform that differ in the last bit vanish in rounding to 0–3 decimals.
pub fn generate_enterprises() -> String {
    let mut csv = NOTES.to_owned();
    csv.push_str("enterprise_id,year");
    for factor in &FACTORS {
        csv.push(',');
        csv.push_str(factor.name);
    }
    csv.push_str(",default\n");
    for enterprise in 0..LABELLED_ENTERPRISES + UNLABELLED_ENTERPRISES {
        write_enterprise(&mut csv, enterprise);
    }
    csv
}

/// The records of one enterprise, from a stream of its own. It is followed over three, four or five years; with labels
/// there are three reports, of the first, the last and one year between; without, one of each year.
fn write_enterprise(csv: &mut String, enterprise: u64) {
    let mut random = stream(SEED, Purpose::Sample, enterprise);
    let labelled = enterprise < LABELLED_ENTERPRISES;
    let n_years = 3 + (enterprise % 3) as usize;
    let first_year = random.random_range(FIRST_YEAR..=LAST_YEAR + 1 - n_years);
    let between = random.random_range(1..n_years - 1);
    let unseen: f64 = random.sample(StandardNormal);
    for (year, z) in states(n_years, &mut random).into_iter().enumerate() {
        // Drawn in every year, written or not.
        let bad = random.random_bool(1.0 / (1.0 + (-log_odds(&z, unseen)).exp()));
        let cells: Vec<String> = z.iter().zip(&FACTORS).map(|(&z, factor)| cell(z, factor, &mut random)).collect();
        if labelled && ![0, between, n_years - 1].contains(&year) {
            continue;
        }
        let label = match (labelled, bad) {
            (true, true) => "1",
            (true, false) => "0",
            (false, _) => "",
        };
        let record = format!("E{:03},{},{},{label}\n", enterprise + 1, first_year + year, cells.join(","));
        csv.push_str(&record);
    }
}

/// z of every factor in each of `n_years` years.
fn states(n_years: usize, random: &mut Stream) -> Vec<[f64; N_FACTORS]> {
    let mut state = || -> Vec<f64> {
        let level: f64 = random.sample(StandardNormal);
        let mut year: f64 = random.sample(StandardNormal);
        let mut states = Vec::with_capacity(n_years);
        for _ in 0..n_years {
            states.push(0.6_f64.sqrt() * level + 0.4_f64.sqrt() * year);
            year = 0.5 * year + 0.75_f64.sqrt() * random.sample::<f64, _>(StandardNormal);
        }
        states
    };
    let health = state();
    let own: [Vec<f64>; N_FACTORS] = std::array::from_fn(|_| state());
    let factor =
        |k: usize, t: usize| FACTORS[k].shared.sqrt() * health[t] + (1.0 - FACTORS[k].shared).sqrt() * own[k][t];
    (0..n_years).map(|t| std::array::from_fn(|k| factor(k, t))).collect()
}

/// The formula above.
fn log_odds(z: &[f64; N_FACTORS], unseen: f64) -> f64 {
    let linear = -2.3 - z[PROFIT] - 0.9 * z[REPAYMENT] - 0.5 * z[QUALITY] - 0.4 * z[COMPREHENSIVE];
    let curved = 0.8 * (z[GROWTH] * z[GROWTH] - 1.0) - 0.9 * z[TRADE] * z[OPERATIONAL];
    let step = |below: bool, height: f64| if below { height } else { 0.0 };
    let thresholds = step(z[REPAYMENT] < -0.75, 1.2) + step(z[COOPERATION] < -0.9, 1.0);
    linear + curved + thresholds + 0.4 * unseen
}

/// One cell as text: in its unit, now and then missing or slipped.
fn cell(z: f64, factor: &Factor, random: &mut Stream) -> String {
    // Both are drawn for every cell, so that changing one share moves nothing else.
    let missing = random.random_bool(MISSING);
    let slipped = random.random_bool(SLIPPED);
    if missing {
        return String::new();
    }
    let x = (factor.unit)(z) * if slipped && factor.slips { 10.0 } else { 1.0 };
    let text = format!("{x:.*}", factor.decimals);
    // Rust writes a small negative number as -0.0.
    let is_zero = text.chars().all(|c| matches!(c, '-' | '0' | '.'));
    if is_zero { text.trim_start_matches('-').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::data::dataset::{Dataset, Values};
    use crate::data::profile::profile;
    use crate::data::read::read;
    use crate::data::roles::{RoleRequest, guess};

    #[test]
    #[ignore = "writes the asset anew, after a change to the formula: cargo test write_the_asset -- --ignored"]
    fn write_the_asset() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/sample_enterprises.csv");
        std::fs::write(path, generate_enterprises()).unwrap();
    }

    #[test]
    fn asset_is_what_the_program_makes() {
        let made = generate_enterprises();
        let differs = made.lines().zip(ENTERPRISES_CSV.lines()).position(|(a, b)| a != b);
        assert_eq!(differs, None, "first line, from 0, that differs");
        assert_eq!(made.len(), ENTERPRISES_CSV.len());
    }

    fn dataset() -> Dataset {
        let (table, reading) = read(ENTERPRISES_CSV.as_bytes()).unwrap();
        assert!(reading.rejected.is_empty());
        let profiles = profile(&table);
        let roles = guess(&table, &profiles, &RoleRequest::default()).unwrap().roles;
        Dataset::from_table(&table, &roles).unwrap()
    }

    #[test]
    fn holds_what_its_description_says() {
        let data = dataset();
        assert_eq!((data.label_name.as_str(), data.bad_value.as_str()), ("default", "1"));
        let (labelled, unlabelled) = (data.labelled_rows(), data.unlabelled_rows());
        assert_eq!((labelled.len(), unlabelled.len()), (300, 1200));
        let share = data.n_bad() as f64 / labelled.len() as f64;
        assert!((0.22..=0.28).contains(&share), "{share}");

        let names: Vec<&str> = data.indicators.iter().map(|i| i.name.as_str()).collect();
        assert_eq!(names, FACTORS.map(|factor| factor.name));
        let mut cells = Vec::new();
        for indicator in &data.indicators {
            let Values::Numeric(x) = &indicator.values else { panic!("{} is text", indicator.name) };
            cells.push(x);
        }
        let missing = cells.iter().flat_map(|x| x.iter()).filter(|x| x.is_nan()).count();
        // 2 % of 12,000, within six standard deviations.
        assert!((150..=330).contains(&missing), "{missing}");
        // Without slips a return on sales of ±100 % would need |z| > 5.
        assert!(cells[PROFIT].iter().any(|x| x.abs() > 100.0), "some cells are ten times too large");

        let enterprise = data.enterprise.as_ref().unwrap();
        let of = |rows: &[usize]| rows.iter().map(|&row| enterprise[row]).collect::<BTreeSet<u32>>();
        let (with, without) = (of(&labelled), of(&unlabelled));
        assert_eq!((with.len(), without.len()), (100, 300));
        assert!(with.is_disjoint(&without));
    }

    #[test]
    fn years_of_an_enterprise_ascend_and_span_three_to_five() {
        let data = dataset();
        let mut years: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (enterprise, year) in data.enterprise.unwrap().into_iter().zip(data.period.unwrap()) {
            years.entry(enterprise).or_default().push(year.parse().unwrap());
        }
        for years in years.values() {
            assert!(years.is_sorted_by(|a, b| a < b), "{years:?}");
            assert!(years[0] >= 2018 && years[years.len() - 1] <= 2023, "{years:?}");
            assert!((2..=4).contains(&(years[years.len() - 1] - years[0])), "{years:?}");
        }
    }

    #[test]
    fn log_odds_by_hand() {
        let at = |changes: &[(usize, f64)]| {
            let mut z = [0.0; N_FACTORS];
            for &(k, value) in changes {
                z[k] = value;
            }
            log_odds(&z, 0.0)
        };
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        near(at(&[]), -3.1);
        near(at(&[(PROFIT, 1.0), (QUALITY, -1.0), (COMPREHENSIVE, 2.0)]), -3.1 - 1.0 + 0.5 - 0.8);
        near(at(&[(GROWTH, 2.0)]), -2.3 + 2.4);
        near(at(&[(GROWTH, -2.0)]), -2.3 + 2.4);
        near(at(&[(TRADE, 2.0), (OPERATIONAL, -1.0)]), -3.1 + 1.8);
        near(at(&[(REPAYMENT, -1.0), (COOPERATION, -1.0)]), -3.1 + 0.9 + 1.2 + 1.0);
    }

    #[test]
    fn samples_are_found_by_name() {
        assert_eq!(sample_csv("enterprises").as_deref(), Some(ENTERPRISES_CSV));
        assert!(SAMPLES.iter().all(|sample| sample_info(sample.name) == Some(sample)));
        assert!(SAMPLES.iter().all(|sample| sample_csv(sample.name).is_some()));
        assert_eq!(sample_csv("firms"), None);
    }
}
