//! How the numbers of a machine are spread, and how large an update is beside the weights it changes (H10 §7).

use std::ops::RangeInclusive;

use crate::data::Histogram;

/// Mean |ΔW| over mean |W| that is sound: about 1e-3 (H10 §7).
pub const SOUND_RATIO: RangeInclusive<f64> = 3e-4..=3e-3;

/// Bins of a histogram.
const BINS: usize = 40;

/// The spread of weights, biases, or what an update adds to them.
#[derive(Clone, Debug, PartialEq)]
pub struct NumberSpread {
    /// Of the finite numbers, from the least to the largest and always with 0 between; `None` where there is none.
    pub histogram: Option<Histogram>,
    /// Mean of their sizes |x|; `None` where there is none.
    pub mean_size: Option<f64>,
    /// Numbers, finite or not.
    pub n: usize,
    /// How many are not finite.
    pub ran_away: usize,
}

impl NumberSpread {
    /// Of these numbers.
    pub fn new<'a>(numbers: impl Iterator<Item = &'a f32> + Clone) -> Self {
        let n = numbers.clone().count();
        let finite = numbers.map(|&x| f64::from(x)).filter(|x| x.is_finite());
        // 0 belongs to the picture: how far numbers are from it is what one looks for.
        let ends = finite.clone().fold([0.0_f64; 2], |[low, high], x| [low.min(x), high.max(x)]);
        let (n_finite, sum) = finite.clone().fold((0_usize, 0.0), |(n, sum), x| (n + 1, sum + x.abs()));
        Self {
            histogram: (n_finite > 0).then(|| histogram(finite, ends)),
            mean_size: (n_finite > 0).then(|| sum / n_finite as f64),
            n,
            ran_away: n - n_finite,
        }
    }
}

/// Numbers between two ends in bins of equal width, the last one closed; one bin where the ends are the same.
fn histogram(numbers: impl Iterator<Item = f64>, [lower, upper]: [f64; 2]) -> Histogram {
    let width = (upper - lower) / BINS as f64;
    let mut counts = vec![0; if width > 0.0 { BINS } else { 1 }];
    let last = counts.len() - 1;
    for x in numbers {
        // 0/0 of a single bin is taken as 0.
        counts[(((x - lower) / width) as usize).min(last)] += 1;
    }
    Histogram { lower, width, counts, below: 0, above: 0 }
}

/// What an update is beside the weights it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdateSize {
    /// Below the sound band: learning is slow.
    Small,
    /// Within it.
    Sound,
    /// Above it: weights may swing or run away.
    Large,
}

impl UpdateSize {
    /// Of the ratio of mean |ΔW| to mean |W|.
    pub fn of(ratio: f64) -> Self {
        match ratio {
            r if r > *SOUND_RATIO.end() => Self::Large,
            r if r < *SOUND_RATIO.start() => Self::Small,
            _ => Self::Sound,
        }
    }

    /// One word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Sound => "sound",
            Self::Large => "large",
        }
    }
}

/// Mean |update| over mean |weights|; `None` where one is undefined or the weights are all 0.
pub fn update_ratio(update: &NumberSpread, weights: &NumberSpread) -> Option<f64> {
    let weights = weights.mean_size.filter(|size| *size > 0.0)?;
    Some(update.mean_size? / weights)
}

/// Decades that [`place_of`] lays out: from 1e-6 to 1.
const DECADES: f64 = 6.0;

/// Where a ratio stands on a logarithmic scale from 1e-6 (0) to 1 (1), at an end when it lies beyond; `None` where it is not
/// above 0.
pub fn place_of(ratio: f64) -> Option<f32> {
    (ratio > 0.0).then(|| (1.0 + ratio.log10() / DECADES).clamp(0.0, 1.0) as f32)
}

/// The size of the last update in a sentence.
pub fn ratio_in_words(ratio: Option<f64>) -> String {
    let Some(ratio) = ratio else {
        return "The size of updates is undefined: there is no update yet, or all weights are 0.".to_owned();
    };
    let said = match UpdateSize::of(ratio) {
        UpdateSize::Small => "below the sound band: the weights hardly move; try a larger rate, or the layer is done",
        UpdateSize::Sound => "within the sound band",
        UpdateSize::Large => "above the sound band: the weights swing; try a smaller rate",
    };
    format!("The last update was {} of the weights, {said}.", share(ratio))
}

/// "1.2e-3", and 0 as it is.
fn share(ratio: f64) -> String {
    if ratio == 0.0 { "0".to_owned() } else { format!("{ratio:.1e}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_counted_by_hand() {
        let spread = NumberSpread::new([-1.0_f32, 3.0, 0.0, f32::NAN, 3.0, 2.95].iter());
        let histogram = spread.histogram.unwrap();
        assert_eq!((histogram.lower, histogram.width, histogram.counts.len()), (-1.0, 0.1, 40));
        // −1 in the first bin, 0 in the eleventh, 2.95 and both 3 in the last: it is closed.
        assert_eq!((histogram.counts[0], histogram.counts[10], histogram.counts[39]), (1, 1, 3));
        assert_eq!((spread.n, spread.ran_away), (6, 1));
        assert!((spread.mean_size.unwrap() - 9.95 / 5.0).abs() < 1e-7);
    }

    #[test]
    fn zero_belongs_to_the_picture() {
        let ends = |numbers: &[f32]| {
            let h = NumberSpread::new(numbers.iter()).histogram.unwrap();
            (h.lower, h.lower + h.width * h.counts.len() as f64, h.counts.iter().sum::<usize>())
        };
        assert_eq!(ends(&[2.0, 4.0]), (0.0, 4.0, 2));
        assert_eq!(ends(&[-4.0, -4.0]), (-4.0, 0.0, 2));
        assert_eq!(ends(&[0.0, 0.0]), (0.0, 0.0, 2));
    }

    #[test]
    fn nothing_is_undefined() {
        for numbers in [&[][..], &[f32::INFINITY]] {
            let spread = NumberSpread::new(numbers.iter());
            assert_eq!((spread.histogram.is_none(), spread.mean_size), (true, None));
        }
    }

    #[test]
    fn updates_are_held_against_the_weights() {
        let of = |numbers: &[f32]| NumberSpread::new(numbers.iter());
        assert_eq!(update_ratio(&of(&[0.001, -0.003]), &of(&[1.0, -3.0])).map(|r| (r * 1e6).round()), Some(1000.0));
        assert_eq!(update_ratio(&of(&[0.001]), &of(&[0.0])), None);
        assert_eq!(update_ratio(&of(&[]), &of(&[1.0])), None);
        let size = |ratio| UpdateSize::of(ratio).name();
        assert_eq!([1e-4, 3e-4, 1e-3, 3e-3, 1e-2].map(size), ["small", "sound", "sound", "sound", "large"]);
        assert_eq!(ratio_in_words(Some(0.00123)), "The last update was 1.2e-3 of the weights, within the sound band.");
        assert!(ratio_in_words(Some(0.0)).starts_with("The last update was 0 of the weights, below"));
        assert!(ratio_in_words(None).contains("undefined"));
    }

    #[test]
    fn ratios_are_laid_out_by_their_logarithm() {
        let places = [1e-6, 1e-3, 1.0, 1e-9, 40.0].map(|ratio| place_of(ratio).unwrap());
        for (place, want) in places.into_iter().zip([0.0, 0.5, 1.0, 0.0, 1.0]) {
            assert!((place - want).abs() < 1e-6, "{place} is not {want}");
        }
        assert_eq!([0.0, -1.0, f64::NAN].map(place_of), [None; 3]);
    }
}
