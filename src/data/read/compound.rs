//! Microsoft's compound file, in which workbooks of Excel 97 to 2003 are and encrypted ones since: its chains of sectors
//! followed, and the records of the workbook in it looked over, before `calamine` reads it. In a damaged file a chain can
//! run in a circle and a record can ask for more memory than there is; neither could be stopped once under way.
//!
//! Layout after \[MS-CFB\] and \[MS-XLS\].

use super::ReadError;
use super::container::{Kind, damaged};

/// Sector numbers from here on are none.
const FIRST_MARK: u32 = 0xFFFF_FFFA;

/// The one of them that ends a chain.
const END: u32 = 0xFFFF_FFFE;

/// Rows and columns of a sheet.
const MOST: (u32, u32) = (1 << 16, 1 << 8);

/// What the file holds, when everything in it stays within bounds.
pub(super) fn kind(bytes: &[u8]) -> Result<Kind, ReadError> {
    let file = File::of(bytes).ok_or_else(|| damaged(()))?;
    let streams = file.streams().ok_or_else(|| damaged(()))?;
    let stream = |name: &str| streams.iter().find(|stream| stream.name.eq_ignore_ascii_case(name));
    if stream("EncryptedPackage").is_some() {
        return Err(ReadError::Password);
    }
    let Some(workbook) = stream("Workbook").or_else(|| stream("Book")) else {
        return Err(if stream("WordDocument").is_some() {
            ReadError::OtherFormat { what: "a Word document" }
        } else {
            damaged(())
        });
    };
    let records = file.content(workbook).ok_or_else(|| damaged(()))?;
    // The parser follows these two chains whether it needs them or not.
    let root = streams.first().filter(|root| root.start != END);
    if file.small_table < FIRST_MARK
        && (root.is_some_and(|root| file.chain(root.start, root.length).is_none())
            || file.chain(file.small_table, bytes.len()).is_none())
    {
        return Err(damaged(()));
    }
    if is_sound(&records) { Ok(Kind::Xls) } else { Err(damaged(())) }
}

/// The sectors of a file and which follows which.
struct File<'a> {
    bytes: &'a [u8],
    sector: usize,
    /// The sector after each one.
    next: Vec<u32>,
    directory: u32,
    /// The first sector of the table of small sectors.
    small_table: u32,
}

struct Stream {
    name: String,
    kind: u8,
    start: u32,
    length: usize,
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes.as_chunks().0.iter().map(|&number| u32::from_le_bytes(number))
}

impl<'a> File<'a> {
    fn of(bytes: &'a [u8]) -> Option<Self> {
        let sector = match u16_at(bytes, 30)? {
            9 => 512,
            12 => 4096,
            _ => return None,
        };
        let mut file =
            Self { bytes, sector, next: Vec::new(), directory: u32_at(bytes, 48)?, small_table: u32_at(bytes, 60)? };
        // The table of what follows what is itself listed: in the header first, then in a chain of its own.
        let mut table: Vec<u32> = numbers(bytes.get(76..512)?).collect();
        let mut more = u32_at(bytes, 68)?;
        for _ in 0..=bytes.len() / sector {
            if more >= FIRST_MARK {
                break;
            }
            table.extend(numbers(file.sector(more)?));
            more = table.pop()?;
        }
        for id in table.into_iter().filter(|&id| id < FIRST_MARK) {
            file.next.extend(numbers(bytes.get(file.range(id)?)?));
        }
        (more >= FIRST_MARK).then_some(file)
    }

    fn range(&self, id: u32) -> Option<std::ops::Range<usize>> {
        let start = (id as usize + 1).checked_mul(self.sector)?;
        // The last sector of a file may be cut short.
        (start < self.bytes.len()).then(|| start..(start + self.sector).min(self.bytes.len()))
    }

    fn sector(&self, id: u32) -> Option<&'a [u8]> {
        self.bytes.get(self.range(id)?)
    }

    /// The bytes of the sectors from `id` on, up to `length`; `None` when they run in a circle or lead nowhere.
    fn chain(&self, mut id: u32, length: usize) -> Option<Vec<u8>> {
        let mut content = Vec::new();
        for _ in 0..=self.bytes.len() / self.sector {
            if id == END || content.len() >= length {
                content.truncate(length);
                return Some(content);
            }
            content.extend_from_slice(self.sector(id)?);
            id = *self.next.get(id as usize)?;
        }
        None
    }

    fn streams(&self) -> Option<Vec<Stream>> {
        let directory = self.chain(self.directory, usize::MAX)?;
        let streams = directory.chunks_exact(128).map(|entry| {
            let name: Vec<u16> =
                entry[..64].as_chunks().0.iter().map(|&c| u16::from_le_bytes(c)).take_while(|&c| c != 0).collect();
            let length = u32_at(entry, 120)? as usize;
            Some(Stream { name: String::from_utf16_lossy(&name), kind: entry[66], start: u32_at(entry, 116)?, length })
        });
        streams.collect()
    }

    /// What is in a stream. Those of less than 4096 bytes stand in small sectors, which the stream of the root holds.
    fn content(&self, stream: &Stream) -> Option<Vec<u8>> {
        const SMALL: usize = 64;
        if stream.length >= 4096 {
            return self.chain(stream.start, stream.length).filter(|content| content.len() == stream.length);
        }
        let root = self.streams()?.into_iter().find(|stream| stream.kind == 5)?;
        let sectors = self.chain(root.start, root.length)?;
        let next: Vec<u32> = numbers(&self.chain(self.small_table, self.bytes.len())?).collect();
        let (mut content, mut id) = (Vec::new(), stream.start);
        for _ in 0..=4096 / SMALL {
            if id == END || content.len() >= stream.length {
                break;
            }
            let start = id as usize * SMALL;
            content.extend_from_slice(sectors.get(start..(start + SMALL).min(sectors.len()))?);
            id = *next.get(id as usize)?;
        }
        content.truncate(stream.length);
        (content.len() == stream.length).then_some(content)
    }
}

/// Whether records follow each other to the end of the workbook and of each sheet it lists, and no cell stands, and no sheet
/// is said to end, where none can.
fn is_sound(stream: &[u8]) -> bool {
    let mut sheets = Vec::new();
    let globals = each_record(stream, |kind, data| match kind {
        // Version, encryption, code page, dates of the Macintosh: a number.
        0x0809 | 0x002F | 0x0042 | 0x0022 => data.len() >= 2,
        // A sheet: where it starts, whether it is hidden, its name.
        0x0085 => {
            let at = u32_at(data, 0).map(|at| at as usize).filter(|&at| at < stream.len());
            sheets.extend(at);
            at.is_some() && data.len() >= 8
        }
        _ => true,
    });
    let in_sheet = |kind: u16, data: &[u8]| match kind {
        0x0200 => size_is_sound(data),
        // Numbers, texts, results of formulas: row and column first. All cells between the outermost get memory.
        0x0006 | 0x00D6 | 0x00FD | 0x0203 | 0x0204 | 0x0205 | 0x027E => u16_at(data, 2).is_some_and(is_column),
        // Several numbers side by side, with the last column at the end.
        0x00BD => [2, data.len().saturating_sub(2)].iter().all(|&at| u16_at(data, at).is_some_and(is_column)),
        _ => true,
    };
    globals && sheets.iter().all(|&at| each_record(&stream[at..], in_sheet))
}

fn is_column(column: u16) -> bool {
    u32::from(column) < MOST.1
}

/// The record of a sheet's size: first and last rows and columns, the last ones being one more than is used; 0 when none
/// is. First columns beyond the last are written by some programs and are taken for 0.
fn size_is_sound(data: &[u8]) -> bool {
    let short = |at| u16_at(data, at).map(u32::from);
    let corners = if data.len() < 14 {
        [short(0), short(2), short(4), short(6)]
    } else {
        [u32_at(data, 0), u32_at(data, 4), short(8), short(10)]
    };
    match corners {
        [Some(_), Some(0), _, _] | [_, _, Some(_), Some(0)] => true,
        [Some(top), Some(bottom), Some(left), Some(right)] => {
            top < bottom && bottom <= MOST.0 && left != right && right <= MOST.1
        }
        _ => false,
    }
}

/// Goes over records up to that which ends them; whether they all pass and fit.
fn each_record(mut rest: &[u8], mut passes: impl FnMut(u16, &[u8]) -> bool) -> bool {
    while let (Some(kind), Some(length)) = (u16_at(rest, 0), u16_at(rest, 2)) {
        let Some(data) = rest.get(4..4 + usize::from(length)) else { return false };
        if kind == 0x000A {
            return true;
        }
        if !passes(kind, data) {
            return false;
        }
        rest = &rest[4 + data.len()..];
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_sheets() {
        let size = |rows: [u32; 2], columns: [u16; 2]| {
            let rows = rows.map(u32::to_le_bytes).concat();
            let columns = [columns[0], columns[1], 0].map(u16::to_le_bytes).concat();
            size_is_sound(&[rows, columns].concat())
        };
        assert!(size([0, 65536], [0, 256]) && size([2, 3], [1, 2]) && size([0, 0], [0, 0]) && size([0, 9], [300, 9]));
        for (rows, columns) in [([5, 5], [0, 2]), ([0, 70_000], [0, 2]), ([0, 5], [2, 2]), ([0, 5], [0, 300])] {
            assert!(!size(rows, columns), "{rows:?} {columns:?}");
        }
        assert!(!size_is_sound(&[]));
    }

    #[test]
    fn what_is_no_compound_file_is_damaged() {
        let mut bytes = vec![0; 2048];
        assert_eq!(kind(&bytes), Err(damaged(())));
        bytes[30] = 9;
        assert_eq!(kind(&bytes), Err(damaged(())));
        assert_eq!(kind(&[0xD0, 0xCF]), Err(damaged(())));
    }
}
