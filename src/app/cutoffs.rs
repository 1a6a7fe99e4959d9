//! What rules for a cut-off would do, worked out away from the window's thread: on a million scores each takes a while.

use crate::training::{Cutoff, CutoffRule, ModelKind, ModelResult, MoneySettings, Outcome, Rows};

/// What is to be worked out.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ask {
    /// Number of the comparison's result.
    pub(super) serial: u64,
    /// The model whose scores are looked at.
    pub(super) model: ModelKind,
    /// What errors and losses are worth.
    pub(super) money: MoneySettings,
    /// The rules.
    pub(super) rules: Vec<CutoffRule>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(super) struct Tried {
    /// What was asked.
    pub(super) ask: Ask,
    /// Of each rule on the test rows; `None` or nothing where it cannot be tried.
    pub(super) outcomes: Vec<Option<Outcome>>,
}

/// The newest answer, and whether another is on its way.
#[derive(Clone, Debug, Default)]
pub(super) struct Cutoffs {
    newest: Option<Tried>,
    pub(super) trying: bool,
}

impl Ask {
    /// Finds each rule's cut-off in each fold and counts what it does to the test rows.
    pub(super) fn work(self, model: &ModelResult) -> Tried {
        let outcome = |&rule: &CutoffRule| model.outcome(Cutoff::Rule(rule), &self.money, Rows::Test);
        Tried { outcomes: self.rules.iter().map(outcome).collect(), ask: self }
    }
}

impl Cutoffs {
    /// The answer to `ask`, once it is there.
    pub(super) fn tried(&self, ask: &Ask) -> Option<&Tried> {
        self.newest.as_ref().filter(|tried| tried.ask == *ask)
    }

    /// Without an answer: the table is another.
    pub(super) fn forget(&mut self) {
        self.newest = None;
    }

    pub(super) fn take(&mut self, tried: Tried) {
        self.trying = false;
        self.newest = Some(tried);
    }
}
