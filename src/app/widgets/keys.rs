//! Pictures that are walked through by the arrow keys while they have the focus.

use egui::{EventFilter, Key, Modifiers, Response, Role, Ui, WidgetInfo};

/// How many places the arrows have gone to the right and down in this frame, while `response` has the focus; it keeps it then.
pub(crate) fn arrows(ui: &Ui, response: &Response) -> [i64; 2] {
    if !response.has_focus() {
        return [0, 0];
    }
    let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    ui.input_mut(|input| {
        let mut pressed = |key| {
            let times = input.count_and_consume_key(Modifiers::NONE, key);
            i64::try_from(times).unwrap_or(0)
        };
        [pressed(Key::ArrowRight) - pressed(Key::ArrowLeft), pressed(Key::ArrowDown) - pressed(Key::ArrowUp)]
    })
}

/// The place `by` places on from `at` among `n`, held to the ends; from no place the first one, or going back the last.
/// `None` where that is no other place.
pub(crate) fn neighbour(at: Option<usize>, by: i64, n: usize) -> Option<usize> {
    let last = i64::try_from(n).ok()? - 1;
    if by == 0 || last < 0 {
        return None;
    }
    let to = match at {
        Some(at) => i64::try_from(at).ok()?.saturating_add(by).clamp(0, last),
        None if by > 0 => 0,
        None => last,
    };
    usize::try_from(to).ok().filter(|to| Some(*to) != at)
}

/// What a picture of this name is to a screen reader, and what is looked at in it.
pub(crate) fn picture_info(name: impl ToString, looked_at: Option<String>) -> WidgetInfo {
    WidgetInfo { current_text_value: looked_at, ..WidgetInfo::labeled(Role::Image, true, name) }
}

#[cfg(test)]
mod tests {
    use super::neighbour;

    #[test]
    fn places_are_walked_through_and_the_ends_hold() {
        assert_eq!(neighbour(Some(3), 1, 5), Some(4));
        assert_eq!(neighbour(Some(4), 1, 5), None);
        assert_eq!(neighbour(Some(1), -3, 5), Some(0));
        assert_eq!(neighbour(Some(2), 0, 5), None);
        assert_eq!(neighbour(Some(9), 1, 5), Some(4), "a place that is gone");
        assert_eq!([neighbour(None, 1, 5), neighbour(None, -1, 5)], [Some(0), Some(4)]);
        assert_eq!([neighbour(None, 1, 0), neighbour(Some(0), 1, 1)], [None, None]);
        assert_eq!(neighbour(Some(1), i64::MIN, 5), Some(0));
    }
}
