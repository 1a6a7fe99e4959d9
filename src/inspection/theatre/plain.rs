//! What training does beyond the plain step that a row by itself is played with.

use crate::model::dbn::{Method, PreTrainingSettings};
use crate::model::rbm::{CdStep, Hidden};

/// What [`super::row`] leaves out of an update that training makes, in a few words each.
///
/// Training by these `settings` with this `step`, of a machine with such `hidden` units. Plain CD-1 with the means of v′ leaves
/// out nothing.
pub fn left_out(settings: &PreTrainingSettings, step: &CdStep, hidden: Hidden) -> Vec<String> {
    let mut found = Vec::new();
    let persistent = match settings.method {
        Method::Cd => None,
        Method::Pcd => Some("persistent chains"),
        Method::Tempering => Some("persistent chains at several temperatures"),
    };
    found.extend(persistent.map(str::to_owned));
    if step.gibbs_steps > 1 {
        found.push(format!("{} Gibbs steps", step.gibbs_steps));
    }
    // Persistent chains always draw them.
    if step.sample_visible || persistent.is_some() {
        found.push("drawing v′".to_owned());
    }
    if settings.sparsity_cost > 0.0 && hidden == Hidden::Bernoulli {
        found.push("sparsity".to_owned());
    }
    if settings.centred {
        found.push("centring".to_owned());
    }
    if settings.update_limit.is_some() {
        found.push("the limit on updates".to_owned());
    }
    found
}

/// "sparsity", "sparsity and centring", "drawing v′, sparsity and centring"; nothing of nothing.
pub fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(gibbs_steps: usize, sample_visible: bool) -> CdStep {
        CdStep { rate: 0.1, momentum: 0.5, weight_cost: 0.0, gibbs_steps, sample_visible }
    }

    fn plain() -> PreTrainingSettings {
        PreTrainingSettings {
            method: Method::Cd,
            sparsity_cost: 0.0,
            centred: false,
            update_limit: None,
            ..Default::default()
        }
    }

    #[test]
    fn plain_steps_leave_out_nothing() {
        assert!(left_out(&plain(), &step(1, false), Hidden::Bernoulli).is_empty());
        assert!(left_out(&plain(), &step(0, false), Hidden::Bernoulli).is_empty(), "no step counts as one");
    }

    #[test]
    fn all_that_training_adds_is_named() {
        let settings = PreTrainingSettings { sparsity_cost: 0.1, centred: true, update_limit: Some(0.01), ..plain() };
        let said = |settings: &PreTrainingSettings, step, hidden| listed(&left_out(settings, &step, hidden));
        assert_eq!(
            said(&settings, step(3, true), Hidden::Bernoulli),
            "3 Gibbs steps, drawing v′, sparsity, centring and the limit on updates"
        );
        assert_eq!(said(&settings, step(1, false), Hidden::Gaussian), "centring and the limit on updates");
        let pcd = PreTrainingSettings { method: Method::Pcd, ..plain() };
        assert_eq!(said(&pcd, step(1, false), Hidden::Bernoulli), "persistent chains and drawing v′");
        let tempered = PreTrainingSettings { method: Method::Tempering, ..plain() };
        assert!(said(&tempered, step(1, false), Hidden::Bernoulli).starts_with("persistent chains at several temp"));
        assert_eq!(listed(&[]), "");
    }
}
