//! The lessons that come with the program.

use std::path::Path;
use std::sync::LazyLock;

use super::Lesson;

/// Name and contents of each file, in the order of the course.
pub(super) const FILES: [(&str, &str); 6] = [
    ("what_an_rbm_is", include_str!("../../../assets/lessons/what_an_rbm_is.lesson.json")),
    (
        "contrastive_divergence_by_hand",
        include_str!("../../../assets/lessons/contrastive_divergence_by_hand.lesson.json"),
    ),
    ("learning_rate_too_high", include_str!("../../../assets/lessons/learning_rate_too_high.lesson.json")),
    ("why_stack", include_str!("../../../assets/lessons/why_stack.lesson.json")),
    ("does_pre_training_help", include_str!("../../../assets/lessons/does_pre_training_help.lesson.json")),
    ("dbn_against_svm", include_str!("../../../assets/lessons/dbn_against_svm.lesson.json")),
];

/// Read when they are first asked for. A file that could not be given would be left out; a test holds that none is.
static COURSE: LazyLock<Vec<Lesson>> =
    LazyLock::new(|| FILES.iter().filter_map(|(_, json)| Lesson::parse(json.as_bytes(), Path::new("")).ok()).collect());

/// The lessons that come with the program, in their order.
pub fn course() -> &'static [Lesson] {
    &COURSE
}
