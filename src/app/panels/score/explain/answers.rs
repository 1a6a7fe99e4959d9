//! The PD of a firm with values set by hand, under both models: in the same frame where that is quick, else as soon as it is
//! there.

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::Context;

use super::FirmScene;
use crate::app::latest::Latest;
use crate::explanation::{Firm, Value, what_if};
use crate::scoring::RiskModel;

/// A frame has no more time for it than this.
const QUICK: Duration = Duration::from_millis(1);
/// A machine that is busy is late now and then; so often it is the model.
const TOO_OFTEN: usize = 4;

/// PD by the model that scored the firm and by the one beside it; `None` where there is no second, or no answer.
pub(super) type Pds = [Option<f64>; 2];

/// The models that answer, and for which firm.
#[derive(Clone)]
struct Asked {
    models: [Option<Arc<RiskModel>>; 2],
    firm: Firm,
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        let same = |(a, b): (&Option<Arc<RiskModel>>, &Option<Arc<RiskModel>>)| match (a, b) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (a, b) => a.is_none() && b.is_none(),
        };
        self.models.iter().zip(&other.models).all(same) && self.firm == other.firm
    }
}

impl Asked {
    fn work(&self) -> Pds {
        let [first, second] = self.models.each_ref().map(Option::as_deref);
        let pd = |model: &RiskModel, firm: &Firm| what_if(model, firm).ok();
        let of_second = || Some((second?, for_model(second?, first?, &self.firm)));
        [first.and_then(|model| pd(model, &self.firm)), of_second().and_then(|(model, firm)| pd(model, &firm))]
    }
}

/// A firm whose values are in the order of the indicators of `from`, in those of `model`. What `from` does not know is missing.
pub(super) fn for_model(model: &RiskModel, from: &RiskModel, firm: &Firm) -> Firm {
    let value = |name: &str| {
        let place = from.columns.iter().position(|column| column.name == name)?;
        firm.values.get(place).cloned()
    };
    let values = model.columns.iter().map(|column| value(&column.name).unwrap_or(Value::Missing)).collect();
    Firm { values, number: firm.number }
}

/// The answers for the values as they stand.
#[derive(Default)]
pub(super) struct Answers {
    known: Option<(Asked, Pds)>,
    /// How often it took longer than a frame may wait, as it does where gaps are filled by a machine.
    late: usize,
    latest: Latest<Asked, Pds>,
}

impl Answers {
    /// The PDs of `firm`, whose values are in the order of the first model's indicators.
    pub(super) fn of(&mut self, ctx: &Context, scene: &FirmScene<'_>, firm: &Firm) -> Pds {
        let asked = Asked { models: [Some(Arc::clone(scene.model)), scene.other.cloned()], firm: firm.clone() };
        if let Some((_, pds)) = self.known.as_ref().filter(|(of, _)| *of == asked) {
            return *pds;
        }
        if self.late < TOO_OFTEN {
            let began = Instant::now();
            let pds = asked.work();
            self.late += usize::from(began.elapsed() > QUICK);
            self.known = Some((asked, pds));
            return pds;
        }
        let work = asked.clone();
        self.latest.get(ctx, asked, "what if", move |_| work.work()).copied().unwrap_or_default()
    }

    /// The PDs that were answered in the same frame.
    #[cfg(test)]
    pub(super) fn shown(&self) -> Pds {
        self.known.as_ref().map_or([None; 2], |(_, pds)| *pds)
    }
}
