//! A fit that was changed, stopped or hurried while it ran is made again from what was written down of it.

use super::*;
use crate::data::{RoleRequest, Source};
use crate::model::Advance;
use crate::model::StopReason;
use crate::training::RunSettings;

/// Changes the rate after some portions, ends the search, and stops.
#[derive(Default)]
struct Meddler {
    portions: u64,
    tune_at: Option<u64>,
    skip_at: Option<u64>,
    stop_at: Option<u64>,
}

impl Control for Meddler {
    fn go_on(&mut self, learner: &mut dyn Learner, _: bool) -> bool {
        if self.tune_at == Some(self.portions) {
            let mut tunables = RunSettings::default().dbn.tunables();
            tunables.gaussian_rate *= 0.5;
            tunables.fine_tuning_rate *= 2.0;
            learner.tune(&tunables);
        }
        if self.skip_at == Some(self.portions) {
            learner.skip_search();
        }
        self.portions += 1;
        self.stop_at != Some(self.portions - 1)
    }

    fn point(&mut self, _: Point) {}
}

#[test]
fn the_same_changes_give_the_same_bits() {
    let source = Source::sample(&RoleRequest::default()).unwrap();
    let data = source.dataset(&source.guess.roles).unwrap();
    let mut settings = RunSettings::default();
    settings.dbn.layers = vec![6, 4];
    settings.dbn.nets = 1;
    settings.dbn.pre_training.epochs = Some(4);
    settings.dbn.fine_tuning.epochs = Some(6);
    let spec = settings.check().unwrap();
    let fold = train_split(&data, &spec).unwrap();
    let fit = |kind, changes: &LiveChanges, meddler: Meddler| {
        let mut control = meddler;
        train(&fold, &spec, kind, changes, &mut control).unwrap().0
    };
    let plain = fit(ModelKind::Dbn, &LiveChanges::default(), Meddler::default());
    assert_eq!(plain.changes, LiveChanges::default());

    let tuned = fit(ModelKind::Dbn, &LiveChanges::default(), Meddler { tune_at: Some(3), ..Meddler::default() });
    assert_eq!(tuned.changes.edits.len(), 1);
    assert_ne!(tuned.scored, plain.scored);
    assert_eq!(fit(ModelKind::Dbn, &tuned.changes, Meddler::default()), tuned);

    let stopped = fit(ModelKind::Dbn, &LiveChanges::default(), Meddler { stop_at: Some(7), ..Meddler::default() });
    assert_eq!((stopped.changes.stopped_after, &stopped.stop_reason), (Some(7), &StopReason::Stopped));
    assert_eq!(fit(ModelKind::Dbn, &stopped.changes, Meddler::default()), stopped);

    let whole = fit(ModelKind::Svm, &LiveChanges::default(), Meddler::default());
    let hurried = LiveChanges { search_skipped_after: Some(2), ..LiveChanges::default() };
    let by_record = fit(ModelKind::Svm, &hurried, Meddler::default());
    assert_eq!(by_record.changes, hurried);
    assert_ne!(by_record.facts, whole.facts);
    let by_hand = fit(ModelKind::Svm, &LiveChanges::default(), Meddler { skip_at: Some(2), ..Meddler::default() });
    assert_eq!(by_hand.scored, by_record.scored);
}

#[test]
fn a_reported_pd_leads_back_to_what_the_model_says_itself() {
    let source = Source::sample(&RoleRequest::default()).unwrap();
    let data = source.dataset(&source.guess.roles).unwrap();
    let mut settings = RunSettings::default();
    settings.calibration.population_bad_rate = Some(0.03);
    let spec = settings.check().unwrap();
    let fold = train_split(&data, &spec).unwrap();
    let mut logistic = learner(ModelKind::Logistic, &fold.training, &spec, 1).unwrap();
    while !matches!(logistic.advance(&mut |_| ()), Advance::Finished(_)) {}
    let itself = logistic.classifier().probabilities(fold.x_test.view());
    let (scored, _) = fold.score(logistic.as_ref(), &spec);
    let mut moved = 0.0_f64;
    for (reported, itself) in scored.answers.pd.iter().zip(itself.column(1)) {
        moved = moved.max((reported - itself).abs());
        assert!((fold.uncorrected(*reported, &spec) - itself).abs() < 1e-9, "{reported} is not {itself}");
    }
    assert!(moved > 0.05, "the correction moved nothing");
    let plain = RunSettings::default().check().unwrap();
    assert_eq!(fold.uncorrected(0.25, &plain), 0.25);
}
