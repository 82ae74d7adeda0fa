//! The objects of Git: those in files of their own, and those in packs.
//! See <https://git-scm.com/docs/pack-format>.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use flate2::read::ZlibDecoder;
use rustc_hash::FxHashMap;

use crate::project::read;

/// Larger objects are not read.
const MAX_OBJECT_BYTES: u64 = 8 << 20;

/// Larger indexes of packs are not read.
const MAX_INDEX_BYTES: u64 = 256 << 20;

/// The most packs that are opened.
const MAX_PACKS: usize = 256;

/// The longest chain of differences.
const MAX_CHAIN: usize = 4096;

/// Objects of so many bytes are kept for the next differences from them.
const MAX_KEPT_BYTES: usize = 48 << 20;

/// The SHA-1 of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id([u8; 20]);

impl Id {
    /// From forty hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        let mut id = [0; 20];
        if digits.len() != 40 {
            return None;
        }
        for (byte, pair) in id.iter_mut().zip(digits.chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(id))
    }

    pub(super) fn of_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Forty hexadecimal digits.
    pub fn hex(&self) -> String {
        self.0.iter().map(|it| format!("{it:02x}")).collect()
    }

    /// As many digits as people write.
    pub(super) fn short(&self) -> String {
        self.0.iter().take(4).map(|it| format!("{it:02x}")).collect()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ObjectKind {
    Commit,
    Tree,
    Blob,
    Tag,
}

#[derive(Debug, Clone)]
pub(super) struct Object {
    pub kind: ObjectKind,
    pub data: Arc<[u8]>,
}

/// The objects of a repository.
#[derive(Debug)]
pub(super) struct Objects {
    folder: PathBuf,
    packs: Vec<Pack>,
}

impl Objects {
    /// Nothing for a repository that has objects elsewhere: what lies outside is not read.
    pub fn open(folder: &Path) -> Option<Self> {
        if folder.join("info/alternates").exists() || !folder.is_dir() {
            return None;
        }
        let entries = fs::read_dir(folder.join("pack")).into_iter().flatten().flatten();
        let indexes = entries.map(|it| it.path());
        let indexes = indexes.filter(|it| it.extension().is_some_and(|it| it == "idx"));
        let packs = indexes.take(MAX_PACKS).filter_map(|it| Pack::open(&it)).collect();
        Some(Self { folder: folder.to_path_buf(), packs })
    }

    /// An object; nothing for one that is not there, or damaged, or too large.
    pub fn read(&self, id: Id) -> Option<Object> {
        self.loose(id).or_else(|| {
            let (pack, offset) =
                self.packs.iter().find_map(|pack| Some((pack, pack.offset_of(id)?)))?;
            pack.read(offset, |id| self.read_base(id))
        })
    }

    /// The base of a difference that names it: in a pack it is one of the same pack, or a loose one.
    fn read_base(&self, id: Id) -> Option<Object> {
        self.loose(id)
    }

    fn loose(&self, id: Id) -> Option<Object> {
        let hex = id.hex();
        let (folder, name) = hex.split_at(2);
        let (file, _) = read::open(&self.folder.join(folder).join(name)).ok()?;
        let data = inflate(file, MAX_OBJECT_BYTES + 64)?;
        let end = data.iter().position(|it| *it == 0)?;
        let kind = match data.get(..end)?.split(|it| *it == b' ').next()? {
            b"commit" => ObjectKind::Commit,
            b"tree" => ObjectKind::Tree,
            b"blob" => ObjectKind::Blob,
            b"tag" => ObjectKind::Tag,
            _ => return None,
        };
        Some(Object { kind, data: Arc::from(data.get(end + 1..)?) })
    }
}

/// What a compressed stream holds; nothing when it is damaged or longer than allowed.
fn inflate(stream: impl Read, limit: u64) -> Option<Vec<u8>> {
    let mut data = Vec::new();
    ZlibDecoder::new(stream).take(limit + 1).read_to_end(&mut data).ok()?;
    (data.len() as u64 <= limit).then_some(data)
}

/// A pack with its index.
#[derive(Debug)]
struct Pack {
    index: Vec<u8>,
    count: usize,
    file: Mutex<File>,
    /// Objects that others were told by their difference from, by their offsets.
    kept: Mutex<(usize, FxHashMap<u64, Object>)>,
}

/// An entry of a pack.
enum Entry {
    Whole(Object),
    /// What to do with the object at an offset.
    After(u64, Vec<u8>),
    /// What to do with an object.
    AfterId(Id, Vec<u8>),
}

/// The tables of an index begin behind its magic number, version and fan-out.
const TABLES: usize = 8 + 256 * 4;

impl Pack {
    fn open(index: &Path) -> Option<Self> {
        let (file, _) = read::open(&index.with_extension("pack")).ok()?;
        let index = read::bytes(index, MAX_INDEX_BYTES).ok()?;
        if index.get(..8)? != b"\xfftOc\0\0\0\x02" {
            return None;
        }
        let count = number(&index, TABLES - 4)? as usize;
        Some(Self { index, count, file: Mutex::new(file), kept: Mutex::default() })
    }

    /// Where the pack has an object.
    fn offset_of(&self, id: Id) -> Option<u64> {
        let first = usize::from(*id.0.first()?);
        let mut low = match first {
            0 => 0,
            _ => number(&self.index, 8 + (first - 1) * 4)? as usize,
        };
        let mut high = (number(&self.index, 8 + first * 4)? as usize).min(self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            let at = TABLES + middle * 20;
            match self.index.get(at..at + 20)?.cmp(id.0.as_slice()) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return self.offset_at(middle),
            }
        }
        None
    }

    fn offset_at(&self, at: usize) -> Option<u64> {
        // Behind the names are checksums, then offsets, then those that need eight bytes.
        let offsets = TABLES + self.count * 24;
        let offset = number(&self.index, offsets + at * 4)?;
        if offset & 0x8000_0000 == 0 {
            return Some(u64::from(offset));
        }
        let large = offsets + self.count * 4 + (offset & 0x7fff_ffff) as usize * 8;
        let high = u64::from(number(&self.index, large)?);
        Some(high << 32 | u64::from(number(&self.index, large + 4)?))
    }

    /// The object at an offset, after all differences that lead to it.
    fn read(&self, offset: u64, base: impl Fn(Id) -> Option<Object>) -> Option<Object> {
        let mut deltas: Vec<(u64, Vec<u8>)> = Vec::new();
        let mut at = offset;
        let mut object = loop {
            if let Some(known) = self.kept().1.get(&at) {
                break known.clone();
            }
            if deltas.len() > MAX_CHAIN {
                return None;
            }
            match self.entry(at)? {
                Entry::Whole(object) => {
                    self.keep(at, &object);
                    break object;
                }
                Entry::After(before, delta) => {
                    deltas.push((at, delta));
                    at = before;
                }
                Entry::AfterId(id, delta) => {
                    deltas.push((at, delta));
                    match self.offset_of(id) {
                        Some(before) => at = before,
                        None => break base(id)?,
                    }
                }
            }
        };
        for (at, delta) in deltas.iter().rev() {
            object.data = applied(&object.data, delta)?.into();
            self.keep(*at, &object);
        }
        Some(object)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, (usize, FxHashMap<u64, Object>)> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, at: u64, object: &Object) {
        let mut kept = self.kept();
        if kept.0 > MAX_KEPT_BYTES {
            *kept = Default::default();
        }
        kept.0 += object.data.len();
        kept.1.insert(at, object.clone());
    }

    fn entry(&self, offset: u64) -> Option<Entry> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(offset)).ok()?;
        let mut stream = std::io::BufReader::with_capacity(4096, &mut *file);
        let mut byte = || {
            let mut one = [0];
            stream.read_exact(&mut one).ok().map(|()| one[0])
        };
        let first = byte()?;
        let mut size = u64::from(first & 0x0f);
        let (mut more, mut shift) = (first & 0x80 != 0, 4);
        while more {
            let next = byte()?;
            size |= u64::from(next & 0x7f).checked_shl(shift)?;
            (more, shift) = (next & 0x80 != 0, shift + 7);
        }
        if size > MAX_OBJECT_BYTES {
            return None;
        }
        let kind = match (first >> 4) & 7 {
            1 => ObjectKind::Commit,
            2 => ObjectKind::Tree,
            3 => ObjectKind::Blob,
            4 => ObjectKind::Tag,
            6 => {
                let mut next = byte()?;
                let mut back = u64::from(next & 0x7f);
                while next & 0x80 != 0 {
                    next = byte()?;
                    back = back.checked_add(1)?.checked_mul(128)? + u64::from(next & 0x7f);
                }
                let before = offset.checked_sub(back).filter(|it| *it < offset)?;
                return Some(Entry::After(before, inflate(stream, size)?));
            }
            7 => {
                let mut id = [0; 20];
                stream.read_exact(&mut id).ok()?;
                return Some(Entry::AfterId(Id(id), inflate(stream, size)?));
            }
            _ => return None,
        };
        let data = inflate(stream, size)?;
        Some(Entry::Whole(Object { kind, data: data.into() }))
    }
}

/// A big-endian number.
fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let field: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    Some(u32::from_be_bytes(field))
}

/// A text after a difference: copies of what is there, and what is new.
fn applied(base: &[u8], delta: &[u8]) -> Option<Vec<u8>> {
    let mut at = 0;
    let mut next = || {
        let byte = delta.get(at).copied();
        at += 1;
        byte
    };
    let mut length = || {
        let (mut value, mut shift) = (0u64, 0);
        loop {
            let byte = next()?;
            value |= u64::from(byte & 0x7f).checked_shl(shift)?;
            shift += 7;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
    };
    let (before, after) = (length()?, length()?);
    if before != base.len() as u64 || after > MAX_OBJECT_BYTES {
        return None;
    }
    let mut text = Vec::with_capacity(after as usize);
    while let Some(op) = delta.get(at).copied() {
        at += 1;
        if op & 0x80 == 0 {
            let end = at + usize::from(op);
            text.extend(delta.get(at..end).filter(|it| !it.is_empty())?);
            at = end;
        } else {
            let mut field = |first: u32, count: u32| {
                let mut value = 0usize;
                for bit in 0..count {
                    if op >> (first + bit) & 1 == 1 {
                        value |= usize::from(*delta.get(at)?) << (8 * bit);
                        at += 1;
                    }
                }
                Some(value)
            };
            let start = field(0, 4)?;
            let len = field(4, 3)?;
            let len = if len == 0 { 0x10000 } else { len };
            text.extend(base.get(start..start.checked_add(len)?)?);
        }
        if text.len() as u64 > after {
            return None;
        }
    }
    (text.len() as u64 == after).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_copy_and_insert() {
        let base = b"hello, world";
        // 12 bytes before, 11 after: seven bytes from the start, then four new ones.
        let delta = [12, 11, 0x90, 7, 4, b'G', b'i', b't', b'!'];
        assert_eq!(applied(base, &delta).as_deref(), Some(b"hello, Git!".as_slice()));
        for end in 0..delta.len() {
            assert_eq!(applied(base, &delta[..end]), None);
        }
        assert_eq!(applied(b"short", &delta), None);
    }

    #[test]
    fn names_are_hexadecimal() {
        let hex = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(Id::parse(hex).map(|it| it.hex()).as_deref(), Some(hex));
        assert_eq!(Id::parse("xyz"), None);
    }
}
