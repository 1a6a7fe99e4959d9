//! The parts of a workbook that are markup, gone over once before `calamine` reads them: in some places it waits for an end
//! tag for ever when there is none, and unfolds repeated cells without bound.

use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::events::Event;

/// Whether every tag is closed by its own end, and nothing is cut off.
pub(super) fn is_whole(part: impl BufRead) -> bool {
    each_tag(part, |_, _, _| {})
}

/// Cells that the repetitions in an open document make, empty ones before others included: a cell can be declared to
/// stand sixteen thousand times in a row, and a row a million times in the sheet. `None` when the markup is not whole.
pub(super) fn cells_of_sheets(content: impl BufRead) -> Option<usize> {
    let (mut all, mut row, mut empty, mut rows) = (0_usize, 0_usize, 0_usize, 1);
    let whole = each_tag(content, |name, attributes, is_empty| match name {
        "table:table-row" => {
            all = all.saturating_add(row.saturating_mul(rows));
            (row, empty, rows) = (0, 0, repetitions(attributes, "number-rows-repeated=\""));
        }
        "table:table-cell" | "table:covered-table-cell" => {
            empty = empty.saturating_add(repetitions(attributes, "number-columns-repeated=\""));
            if !is_empty || attributes.contains("office:") {
                row = row.saturating_add(std::mem::take(&mut empty));
            }
        }
        _ => {}
    });
    whole.then(|| all.saturating_add(row.saturating_mul(rows)))
}

fn repetitions(attributes: &str, named: &str) -> usize {
    let digits = attributes.split_once(named).and_then(|(_, rest)| rest.split('"').next());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(1)
}

/// Hands over the name and attributes of every tag, and whether it has no content; whether the markup is whole.
fn each_tag(part: impl BufRead, mut each: impl FnMut(&str, &str, bool)) -> bool {
    let mut reader = Reader::from_reader(part);
    let (mut buffer, mut open) = (Vec::new(), 0_usize);
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(tag)) => {
                open += 1;
                each(tag.name().0, tag.attributes_raw(), false);
            }
            Ok(Event::Empty(tag)) => each(tag.name().0, tag.attributes_raw(), true),
            // That it is the end of the tag opened last is checked by the reader.
            Ok(Event::End(_)) => open = open.saturating_sub(1),
            Ok(Event::Eof) => return open == 0,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_whole_when_all_tags_are_closed() {
        for (markup, expected) in [
            ("<a><b/>x</a>", true),
            ("", true),
            ("<a><b></a></b>", false),
            ("<a>", false),
            ("<a><b", false),
            ("</a>", false),
        ] {
            assert_eq!(is_whole(markup.as_bytes()), expected, "{markup}");
        }
    }

    #[test]
    fn repetitions_are_counted_where_they_make_cells() {
        let row = |cells: &str, times: usize| {
            format!("<table:table-row table:number-rows-repeated=\"{times}\">{cells}</table:table-row>")
        };
        let empty = "<table:table-cell table:number-columns-repeated=\"16000\"/>";
        let text = "<table:table-cell table:number-columns-repeated=\"2\"><text:p>x</text:p></table:table-cell>";
        for (xml, expected) in [
            (row(&format!("{text}{empty}"), 1), 2),
            (row(&format!("{empty}{text}"), 10), 160_020),
            (row(empty, 1_000_000), 0),
            (row("<table:table-cell office:value=\"1\" table:number-columns-repeated=\"5\"/>", 3), 15),
        ] {
            assert_eq!(cells_of_sheets(xml.as_bytes()), Some(expected), "{xml}");
        }
        assert_eq!(cells_of_sheets(&b"<table:table-row>"[..]), None);
    }
}
