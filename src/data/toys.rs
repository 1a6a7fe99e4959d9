//! Toy sets: tables whose structure is known at a glance, made by the program when they are asked for. Synthetic, and said
//! to be wherever they are shown.
//!
//! Every row comes from a stream of its own set, row after row, and coordinates are written with three decimals, in which
//! cosines of another platform that differ in the last bit vanish.

use std::f64::consts::{PI, TAU};

use rand::RngExt as _;
use rand_distr::StandardNormal;

use super::sample::SampleInfo;
use crate::random::{Purpose, Stream, stream};

/// Two half circles that bend into each other.
pub(super) const MOONS: SampleInfo = SampleInfo {
    name: "moons",
    title: "Two moons (synthetic)",
    description: "Synthetic: two noisy half circles that bend into each other, one for each outcome; 200 rows with a label \
        and 400 without, two indicators. A straight line is right for about nine rows in ten; the border between the moons \
        is curved, and the rows without a label show where it runs.",
};

/// A ring around a ring.
pub(super) const RINGS: SampleInfo = SampleInfo {
    name: "rings",
    title: "Rings (synthetic)",
    description: "Synthetic: good rows on a ring of radius 1, bad ones on a ring of radius 2 around it; 200 rows with a \
        label and 400 without, two indicators. A straight line hardly does better than chance: the border has to close.",
};

/// Four clouds, of which opposite ones have the same outcome.
pub(super) const XOR: SampleInfo = SampleInfo {
    name: "xor",
    title: "XOR (synthetic)",
    description: "Synthetic: four clouds at the corners of a square, bad where the signs of the two indicators differ; 200 \
        rows with a label and 400 without. Each indicator alone says nothing and neither does any straight line: only the \
        two together tell, so that at least one hidden layer is needed.",
};

/// Pictures of bars and of stripes.
pub(super) const BARS: SampleInfo = SampleInfo {
    name: "bars",
    title: "Bars and stripes 4×4 (synthetic)",
    description: "Synthetic: pictures of 4×4 pixels in which whole columns are lit (bars, called good) or whole rows \
        (stripes, called bad), each of the 30 different pictures once clean and 19 times with every pixel flipped at a \
        chance of 1 in 20; half of the rows have a label, but for the empty and the full picture, which are both. No single \
        pixel tells, and no straight line: shows whether hidden units find whole columns and rows.",
};

/// All toy sets, in the order of what they ask of a model.
pub(super) const TOYS: [SampleInfo; 4] = [MOONS, RINGS, XOR, BARS];

const SEED: u64 = 2018;
/// Where the streams of the toys begin among those of the samples: above every enterprise.
const FIRST_STREAM: u64 = 1 << 32;

/// Rows with a label in the sets of two indicators, and rows without.
const LABELLED: usize = 200;
const UNLABELLED: usize = 400;
/// Standard deviation of the noise across a moon or a ring.
const NOISE: f64 = 0.15;
/// Standard deviation of a cloud of XOR along each axis; the centres are 2 apart.
const CLOUD: f64 = 0.35;

/// Pixels along each side.
const SIDE: usize = 4;
/// Rows of each picture.
const REPEATS: usize = 20;
/// Chance that a pixel is flipped.
const FLIPPED: f64 = 0.05;

/// The file of a toy set: notes, a header and its rows. `None` when there is no such set.
pub(super) fn toy_csv(name: &str) -> Option<String> {
    let index = TOYS.iter().position(|toy| toy.name == name)?;
    let mut random = stream(SEED, Purpose::Sample, FIRST_STREAM + index as u64);
    let point: fn(bool, &mut Stream) -> [f64; 2] = match name {
        "moons" => moon,
        "rings" => ring,
        "xor" => cloud,
        _ => return Some(pictures(&mut random)),
    };
    Some(points(name, point, &mut random))
}

/// The lines above the rows.
fn heading(what: &str, indicators: &[String]) -> String {
    format!(
        "# Synthetic toy set \"{what}\" of Beliefscope: made by the program from a fixed seed, no real enterprise is in it.\n\
         # outcome: good or bad, empty where it is not shown.\n{},outcome\n",
        indicators.join(",")
    )
}

/// A set of two indicators: `point` draws a row of a class. Classes take turns.
fn points(name: &str, point: fn(bool, &mut Stream) -> [f64; 2], random: &mut Stream) -> String {
    let mut csv = heading(name, &["x1".to_owned(), "x2".to_owned()]);
    for row in 0..LABELLED + UNLABELLED {
        let bad = row % 2 == 1;
        let [x1, x2] = point(bad, random);
        push_row(&mut csv, &[decimals(x1), decimals(x2)], (row < LABELLED).then_some(bad));
    }
    csv
}

fn push_row(csv: &mut String, cells: &[String], bad: Option<bool>) {
    let outcome = match bad {
        Some(true) => "bad",
        Some(false) => "good",
        None => "",
    };
    csv.push_str(&cells.join(","));
    csv.push(',');
    csv.push_str(outcome);
    csv.push('\n');
}

/// Three decimals; Rust writes a small negative number as -0.000.
fn decimals(x: f64) -> String {
    let text = format!("{x:.3}");
    if text == "-0.000" { "0.000".to_owned() } else { text }
}

fn moon(bad: bool, random: &mut Stream) -> [f64; 2] {
    let angle = PI * random.random::<f64>();
    let (x, y) = if bad { (1.0 - angle.cos(), 0.5 - angle.sin()) } else { (angle.cos(), angle.sin()) };
    [x, y].map(|at| at + NOISE * random.sample::<f64, _>(StandardNormal))
}

fn ring(bad: bool, random: &mut Stream) -> [f64; 2] {
    let angle = TAU * random.random::<f64>();
    let radius = if bad { 2.0 } else { 1.0 } + NOISE * random.sample::<f64, _>(StandardNormal);
    [radius * angle.cos(), radius * angle.sin()]
}

fn cloud(bad: bool, random: &mut Stream) -> [f64; 2] {
    let right = random.random_bool(0.5);
    let sign = |positive: bool| if positive { 1.0 } else { -1.0 };
    [sign(right), sign(right != bad)].map(|centre| centre + CLOUD * random.sample::<f64, _>(StandardNormal))
}

/// A picture, row by row from the top.
type Picture = [bool; SIDE * SIDE];

/// Every different picture and its class; `None` for the empty and the full one, which are bars and stripes alike.
fn all_pictures() -> Vec<(Picture, Option<bool>)> {
    let lit = |pattern: usize, line: usize| pattern >> line & 1 == 1;
    let last = (1 << SIDE) - 1;
    let mut pictures = Vec::new();
    for pattern in 0..=last {
        let both = pattern == 0 || pattern == last;
        pictures.push((std::array::from_fn(|pixel| lit(pattern, pixel % SIDE)), (!both).then_some(false)));
        if !both {
            pictures.push((std::array::from_fn(|pixel| lit(pattern, pixel / SIDE)), Some(true)));
        }
    }
    pictures
}

/// The file of bars and stripes: all pictures clean, then all of them with flipped pixels, again and again. Every other
/// repeat has labels.
fn pictures(random: &mut Stream) -> String {
    let names: Vec<String> =
        (0..SIDE * SIDE).map(|pixel| format!("r{}c{}", pixel / SIDE + 1, pixel % SIDE + 1)).collect();
    let mut csv = heading("bars", &names);
    csv.insert_str(0, &format!("# Pixel r1c{SIDE} is the last of the first row: 1 where it is lit.\n"));
    for repeat in 0..REPEATS {
        for (picture, bad) in all_pictures() {
            let pixel = |lit: bool, random: &mut Stream| lit != (repeat > 0 && random.random_bool(FLIPPED));
            let cells = picture.map(|lit| u8::from(pixel(lit, random)).to_string());
            push_row(&mut csv, &cells, bad.filter(|_| repeat % 2 == 0));
        }
    }
    csv
}

#[cfg(test)]
mod tests;
