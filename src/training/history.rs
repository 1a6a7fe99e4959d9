//! What a run has shown so far: curves, phases and flags. Lives with the window, filled from events, no lock.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::trace::{EMPTY, Stretch, Trace};
use super::{Event, ModelKind};
use crate::data::json_float;
use crate::model::{Phase, Series, Tunables};

/// Where a phase began.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhaseMark {
    /// The model.
    pub model: ModelKind,
    /// Its phase.
    pub phase: Phase,
    /// Epochs (iterations) on the time axis.
    pub x: f64,
}

/// Where something was changed during the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flag {
    /// The tunables before the change.
    from: Tunables,
    /// The model.
    pub model: ModelKind,
    /// Epochs (iterations) on the time axis.
    pub x: f64,
    /// What changed: "rate .02 → .01".
    pub text: String,
}

/// All curves of a run, every point kept. A copy shares them until one of the two goes on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(into = "StoredHistory", try_from = "StoredHistory")]
pub struct History {
    curves: BTreeMap<(ModelKind, Series), Arc<Trace>>,
    /// By how much the free energy of validation rows lies above that of training rows, of each RBM. Worked out, not stored.
    gaps: BTreeMap<(ModelKind, usize), Arc<Trace>>,
    /// Phases in order.
    pub phases: Vec<PhaseMark>,
    /// Changes in order.
    pub flags: Vec<Flag>,
}

impl History {
    /// Takes in an event.
    pub fn take(&mut self, event: &Event) {
        match event {
            Event::Points(model, points) => {
                for p in points {
                    self.push(*model, p.series, [p.x, p.y]);
                }
            }
            Event::Phase { model, phase, x } => {
                self.phases.push(PhaseMark { model: *model, phase: *phase, x: *x });
            }
            Event::Tuned { model, x, from, to } => {
                // Changes at one place are one flag, from the first value to the last: a slider being dragged is one
                // change, not fifty, and one dragged back is none.
                let merged = self.flags.pop_if(|last| last.x == *x && last.model == *model);
                let from = merged.map_or(*from, |last| last.from);
                let text = changes(&from, to);
                if !text.is_empty() {
                    self.flags.push(Flag { from, model: *model, x: *x, text });
                }
            }
            Event::Prepared { .. } | Event::ModelDone(_) | Event::Ended(_) => {}
        }
    }

    fn push(&mut self, model: ModelKind, series: Series, point: [f64; 2]) {
        Arc::make_mut(self.curves.entry((model, series)).or_default()).push(point);
        // Both are measured in one look, the training rows first.
        let [x, y] = point;
        if let Series::FreeEnergyValidation(layer) = series
            && let Some(training) = self.curves.get(&(model, Series::FreeEnergyTraining(layer)))
            && let Some(&[_, of_training]) = training.all().within(&(x..=x)).points().last()
        {
            Arc::make_mut(self.gaps.entry((model, layer)).or_default()).push([x, y - of_training]);
        }
    }

    /// The points of a curve, in order of x: of an ensemble those of the net at work, or of the last one.
    pub fn curve(&self, model: ModelKind, series: Series) -> &[[f64; 2]] {
        self.stretch(model, series).points()
    }

    /// The same, as a stretch that knows its extremes.
    pub fn stretch(&self, model: ModelKind, series: Series) -> Stretch<'_> {
        self.net(model, None).stretch(series)
    }

    /// The phases of a model, in order: of an ensemble those of the net at work, or of the last one.
    pub fn phases_of(&self, model: ModelKind) -> Vec<PhaseMark> {
        self.net(model, None).phases
    }

    /// The part of one net of a model, from 0; without a number, or one that there is not, of the net at work or the last.
    pub fn net(&self, model: ModelKind, index: Option<usize>) -> NetHistory<'_> {
        let marks: Vec<PhaseMark> = self.phases.iter().filter(|mark| mark.model == model).copied().collect();
        let net = |mark: &PhaseMark| mark.phase.net().map(|net| net.index);
        let last = marks.iter().filter_map(net).next_back();
        let shown = index.filter(|&index| marks.iter().any(|mark| net(mark) == Some(index))).or(last);
        let first = marks.iter().position(|mark| net(mark) == shown).unwrap_or(0);
        let is_later = |mark: &PhaseMark| net(mark).is_some_and(|index| Some(index) != shown);
        let next = marks[first..].iter().position(is_later).map(|after| first + after);
        let end = next.map(|next| marks[next].x);
        let phases = marks[first..next.unwrap_or(marks.len())].to_vec();
        NetHistory { history: self, model, phases, end }
    }

    /// Whether nothing has been shown yet.
    pub fn is_empty(&self) -> bool {
        self.curves.is_empty()
    }
}

/// What one net of a run has shown so far.
#[derive(Clone, Debug)]
pub struct NetHistory<'a> {
    history: &'a History,
    model: ModelKind,
    /// Its phases in order.
    pub phases: Vec<PhaseMark>,
    /// Where the next net began; `None` for the last.
    pub end: Option<f64>,
}

impl<'a> NetHistory<'a> {
    /// The points of a curve, in order of x.
    pub fn curve(&self, series: Series) -> &'a [[f64; 2]] {
        self.stretch(series).points()
    }

    /// The same, as a stretch that knows its extremes.
    pub fn stretch(&self, series: Series) -> Stretch<'a> {
        self.part(self.history.curves.get(&(self.model, series)))
    }

    /// Free energy of validation rows less that of training rows, in nats, of one RBM.
    pub fn free_energy_gap(&self, layer: usize) -> Stretch<'a> {
        self.part(self.history.gaps.get(&(self.model, layer)))
    }

    fn part(&self, trace: Option<&'a Arc<Trace>>) -> Stretch<'a> {
        let all = trace.map_or(&EMPTY, |trace| &**trace).all();
        let start = self.phases.first().map_or(f64::NEG_INFINITY, |mark| mark.x);
        // Points of a first net may stand at the very start.
        let all = if start > 0.0 { all.after(start) } else { all };
        self.end.map_or(all, |end| all.within(&(f64::NEG_INFINITY..=end)))
    }

    /// Where its fine-tuning began.
    pub fn fine_tuning_start(&self) -> Option<f64> {
        self.phases.iter().find(|mark| matches!(mark.phase, Phase::FineTuning { .. })).map(|mark| mark.x)
    }
}

/// [`History`] in a file.
#[derive(Clone, Serialize, Deserialize)]
struct StoredHistory {
    curves: Vec<StoredCurve>,
    phases: Vec<PhaseMark>,
    flags: Vec<Flag>,
}

/// A curve: the points' places and values, as many of the one as of the other.
#[derive(Clone, Serialize, Deserialize)]
struct StoredCurve {
    model: ModelKind,
    series: Series,
    #[serde(with = "json_float::many")]
    x: Vec<f64>,
    #[serde(with = "json_float::many")]
    y: Vec<f64>,
}

impl From<History> for StoredHistory {
    fn from(History { curves, phases, flags, gaps: _ }: History) -> Self {
        let stored = |((model, series), trace): (_, Arc<Trace>)| {
            let (x, y) = trace.all().points().iter().map(|[x, y]| (x, y)).unzip();
            StoredCurve { model, series, x, y }
        };
        Self { curves: curves.into_iter().map(stored).collect(), phases, flags }
    }
}

impl TryFrom<StoredHistory> for History {
    type Error = &'static str;

    fn try_from(StoredHistory { mut curves, phases, flags }: StoredHistory) -> Result<Self, Self::Error> {
        // As they are written: those of training rows before those of validation rows.
        curves.sort_by_key(|curve| (curve.model, curve.series));
        let mut history = Self { phases, flags, ..Self::default() };
        for StoredCurve { model, series, x, y } in curves {
            if x.len() != y.len() {
                return Err("a curve has not as many values as places");
            }
            x.into_iter().zip(y).for_each(|(x, y)| history.push(model, series, [x, y]));
        }
        Ok(history)
    }
}

/// What changed, in the words of the sliders.
fn changes(from: &Tunables, to: &Tunables) -> String {
    let pairs = [
        ("RBM 1 rate", from.gaussian_rate, to.gaussian_rate),
        ("RBM 2+ rate", from.bernoulli_rate, to.bernoulli_rate),
        ("momentum", from.momentum, to.momentum),
        ("weight cost", from.weight_cost, to.weight_cost),
        ("k", from.gibbs_steps as f64, to.gibbs_steps as f64),
        ("fine-tuning rate", from.fine_tuning_rate, to.fine_tuning_rate),
    ];
    let changed = pairs.iter().filter(|(_, a, b)| a != b);
    changed.map(|(name, a, b)| format!("{name} {} → {}", short(*a), short(*b))).collect::<Vec<_>>().join(", ")
}

/// Up to three significant digits, without trailing zeros.
fn short(x: f64) -> String {
    if x == 0.0 || (0.001..1000.0).contains(&x.abs()) {
        let digits = if x == 0.0 { 0 } else { (2 - x.abs().log10().floor() as i32).max(0) as usize };
        let text = format!("{x:.digits$}");
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
    } else {
        format!("{x:.1e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::dbn::DbnSettings;
    use crate::model::{NetOf, Point};

    #[test]
    fn curves_flags_and_phases_are_kept_in_order() {
        let mut history = History::default();
        let dbn = ModelKind::Dbn;
        let point = |x: f64| Point { series: Series::LossTraining, x, y: -x };
        history.take(&Event::Points(dbn, vec![point(1.0), point(2.0)]));
        history.take(&Event::Points(dbn, vec![point(3.0)]));
        assert_eq!(history.curve(dbn, Series::LossTraining), [[1.0, -1.0], [2.0, -2.0], [3.0, -3.0]]);
        assert!(history.curve(ModelKind::Mlp, Series::LossTraining).is_empty());
        let from = DbnSettings::default().tunables();
        let to = Tunables { gaussian_rate: 0.03, gibbs_steps: 5, ..from };
        history.take(&Event::Tuned { model: dbn, x: 3.0, from, to });
        assert_eq!(history.flags[0].text, "RBM 1 rate 0.003 → 0.03, k 1 → 5");
        // Another change at the same place joins it; all of it taken back leaves nothing.
        let both = Tunables { momentum: 0.7, ..to };
        history.take(&Event::Tuned { model: dbn, x: 3.0, from: to, to: both });
        assert_eq!(history.flags[0].text, "RBM 1 rate 0.003 → 0.03, momentum 0.9 → 0.7, k 1 → 5");
        history.take(&Event::Tuned { model: dbn, x: 3.0, from: both, to: from });
        assert!(history.flags.is_empty());
    }

    #[test]
    fn of_an_ensemble_the_net_at_work_is_shown() {
        let mut history = History::default();
        let model = ModelKind::Dbn;
        let point = |x: f64| Event::Points(model, vec![Point { series: Series::LossTraining, x, y: x }]);
        for index in 0..2 {
            let net = NetOf { index, of: 2 };
            let x = 3.0 * index as f64;
            history.take(&Event::Phase { model, phase: Phase::PreTraining { net, layer: 0 }, x });
            history.take(&Event::Phase { model, phase: Phase::FineTuning { net }, x: x + 1.0 });
            for epoch in 1..=3 {
                history.take(&point(x + f64::from(epoch)));
            }
        }
        let xs =
            |history: &History| history.curve(model, Series::LossTraining).iter().map(|p| p[0]).collect::<Vec<_>>();
        assert_eq!(xs(&history), [4.0, 5.0, 6.0]);
        history.take(&Event::Phase { model, phase: Phase::Finished, x: 6.0 });
        assert_eq!(xs(&history), [4.0, 5.0, 6.0], "the last net stays when all is done");
        let marks: Vec<f64> = history.phases_of(model).iter().map(|mark| mark.x).collect();
        assert_eq!(marks, [3.0, 4.0, 6.0]);
        assert_eq!(history.net(model, None).fine_tuning_start(), Some(4.0));
        assert_eq!(history.net(ModelKind::Svm, None).fine_tuning_start(), None);
    }

    #[test]
    fn each_net_of_an_ensemble_has_a_part_of_its_own() {
        let mut history = History::default();
        let model = ModelKind::Dbn;
        for index in 0..3 {
            let net = NetOf { index, of: 3 };
            let x = 2.0 * index as f64;
            history.take(&Event::Phase { model, phase: Phase::PreTraining { net, layer: 0 }, x });
            history.take(&Event::Phase { model, phase: Phase::FineTuning { net }, x: x + 1.0 });
            let point = |x: f64| Point { series: Series::UpdateRatio(0), x, y: 10.0 * x };
            // Of the first net one stands at the start.
            let first = (index == 0).then(|| point(0.0));
            history.take(&Event::Points(model, first.into_iter().chain([point(x + 1.0), point(x + 2.0)]).collect()));
        }
        history.take(&Event::Phase { model, phase: Phase::Finished, x: 6.0 });
        let part = |index| {
            let net = history.net(model, index);
            let xs: Vec<f64> = net.curve(Series::UpdateRatio(0)).iter().map(|point| point[0]).collect();
            let marks: Vec<f64> = net.phases.iter().map(|mark| mark.x).collect();
            (xs, marks, net.fine_tuning_start(), net.end)
        };
        assert_eq!(part(Some(0)), (vec![0.0, 1.0, 2.0], vec![0.0, 1.0], Some(1.0), Some(2.0)));
        assert_eq!(part(Some(1)), (vec![3.0, 4.0], vec![2.0, 3.0], Some(3.0), Some(4.0)));
        let last = (vec![5.0, 6.0], vec![4.0, 5.0, 6.0], Some(5.0), None);
        assert_eq!((part(Some(2)), part(None), part(Some(7))), (last.clone(), last.clone(), last));
        // A model that is no ensemble has one part, whichever is asked for.
        let svm = Event::Points(ModelKind::Svm, vec![Point { series: Series::KktGap, x: 1.0, y: 1.0 }]);
        history.take(&Event::Phase { model: ModelKind::Svm, phase: Phase::SvmFit, x: 0.0 });
        history.take(&svm);
        assert_eq!(history.net(ModelKind::Svm, Some(1)).curve(Series::KktGap).len(), 1);
    }

    #[test]
    fn the_gap_of_free_energies_is_that_of_one_look() {
        let mut history = History::default();
        let model = ModelKind::Dbn;
        let point = |series, x: f64, y: f64| Point { series, x, y };
        let (training, validation) = (Series::FreeEnergyTraining(1), Series::FreeEnergyValidation(1));
        // At 2 there was no value for the training rows.
        let points = [(training, 1.0, -3.0), (validation, 1.0, -2.5), (validation, 2.0, 7.0), (training, 3.0, -4.0)];
        history.take(&Event::Points(model, points.map(|(series, x, y)| point(series, x, y)).to_vec()));
        history.take(&Event::Points(model, vec![point(validation, 3.0, -3.0)]));
        assert_eq!(history.net(model, None).free_energy_gap(1).points(), [[1.0, 0.5], [3.0, 1.0]]);
        assert!(history.net(model, None).free_energy_gap(0).points().is_empty());
        let text = serde_json::to_string(&history).unwrap();
        assert_eq!(serde_json::from_str::<History>(&text).unwrap(), history);
    }

    #[test]
    fn a_history_comes_back_from_a_file() {
        let mut history = History::default();
        let model = ModelKind::Dbn;
        let points =
            [Series::LossTraining, Series::Saturation(2)].map(|series| Point { series, x: 0.1, y: f64::INFINITY });
        history.take(&Event::Phase { model, phase: Phase::PreTraining { net: NetOf::SINGLE, layer: 1 }, x: 0.0 });
        history.take(&Event::Phase { model, phase: Phase::Finished, x: 3.0 });
        history.take(&Event::Points(model, points.to_vec()));
        let from = DbnSettings::default().tunables();
        history.take(&Event::Tuned { model, x: 1.0, from, to: Tunables { momentum: 0.7, ..from } });
        let text = serde_json::to_string(&history).unwrap();
        assert_eq!(serde_json::from_str::<History>(&text).unwrap(), history, "{text}");
        assert!(serde_json::from_str::<History>(&text.replace(r#""x":[0.1]"#, r#""x":[]"#)).is_err());
    }

    #[test]
    fn numbers_are_shown_short() {
        assert_eq!(
            [0.0, 0.1, 0.003, 0.0002, 12.0, 0.12345, 1.0].map(short),
            ["0", "0.1", "0.003", "2.0e-4", "12", "0.123", "1"]
        );
    }
}
