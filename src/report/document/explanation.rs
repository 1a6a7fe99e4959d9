//! What the model's answers rest on.

use super::{Block, ModelDocument};

/// Said wherever an attribution is shown.
const NOT_CAUSES: &str = "What follows are attributions of the model, not causes: they tell what the model uses, and not what would \
                          happen if a firm changed.";

pub(super) fn section(_of: &ModelDocument<'_>) -> Vec<Block> {
    vec![
        Block::paragraph(NOT_CAUSES),
        Block::missing(
            "Importance and dependence are not worked out: open Explain in the window, let them be worked out, and write the \
             document again.",
        ),
        Block::blank("Whether the indicators act as an expert expects, and what was done where they do not", 3),
    ]
}
