//! Statistics, in the detail of CPython's `sys._debugmallocstats()`, and printed like them.

use std::fmt;
use std::sync::atomic::Ordering::Relaxed;

use crate::size_class::{SLOTS, block_size};
use crate::{Domain, Geometry, Heap};

/// One size class.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ClassStats {
    /// Bytes in a block.
    pub size: usize,
    /// Pages of a pool's size in use by the class.
    pub pools: usize,
    /// Blocks in use in them.
    pub used: usize,
    /// Blocks in them that could be handed out.
    pub available: usize,
}

/// Blocks of the C library that one domain holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SystemStats {
    /// How many.
    pub blocks: usize,
    /// Their bytes, as the C library has rounded them.
    pub bytes: usize,
}

/// What a heap holds at one moment.
#[derive(Clone, Debug)]
pub struct Stats {
    /// The geometry, which the numbers of bytes follow from.
    pub geometry: Geometry,
    classes: [ClassStats; SLOTS],
    class_count: usize,
    /// Arenas that there ever were.
    pub arenas_total: usize,
    /// Arenas that went back to the system.
    pub arenas_reclaimed: usize,
    /// The most arenas that there were at once.
    pub arenas_highwater: usize,
    /// Arenas now.
    pub arenas: usize,
    /// Pools that no class has.
    pub unused_pools: usize,
    /// Bytes in blocks in use.
    pub bytes_used: usize,
    /// Bytes in blocks that could be handed out.
    pub bytes_available: usize,
    /// Bytes in the headers of arenas and pools, where the pool that begins with them is in use.
    pub bytes_headers: usize,
    /// Bytes at the ends of pools, where no further block fits.
    pub bytes_quantization: usize,
    /// Middle nodes and leaves of the address map.
    pub map_nodes: (usize, usize),
    /// Bytes in the address map.
    pub bytes_map: usize,
    /// Blocks of the C library by domain: raw, mem, object.
    pub system: [SystemStats; 3],
    /// Bytes taken from the system now, and the most there were.
    pub in_use: usize,
    /// See `in_use`.
    pub peak: usize,
    /// The hard limit.
    pub limit: Option<usize>,
}

impl Stats {
    /// The size classes of the geometry, smallest first.
    pub fn classes(&self) -> &[ClassStats] {
        &self.classes[..self.class_count]
    }

    /// Blocks of the C library that `domain` holds.
    pub fn system(&self, domain: Domain) -> SystemStats {
        self.system[domain.index()]
    }

    /// Blocks in use in pools.
    pub fn blocks(&self) -> usize {
        self.classes().iter().map(|class| class.used).sum()
    }
}

impl Heap {
    /// Takes the statistics. It walks the headers of all pools.
    pub fn stats(&self) -> Stats {
        let geometry = self.config.geometry;
        let step = geometry.alignment();
        let mut classes = [ClassStats::default(); SLOTS];
        let class_count = SLOTS * 8 / step;
        for (index, class) in classes[..class_count].iter_mut().enumerate() {
            class.size = (index + 1) * step;
        }
        let pool_size = geometry.pool_size();
        let (mut quantization, mut headers) = (0, 0);
        self.for_each_pool(|pool| {
            let size = block_size(pool.slot());
            let (used, capacity) = (pool.used(), pool.capacity(pool_size, size));
            let class = &mut classes[size / step - 1];
            class.pools += pool.pages();
            class.used += used;
            class.available += capacity - used;
            quantization += pool.room(pool_size) - capacity * size;
            headers += pool.pages() * pool_size - pool.room(pool_size);
        });
        for (slot, class) in self.classes.iter().enumerate() {
            // Blocks on the class's free list count as used in their pools. Slots that the geometry
            // does not have are empty.
            let waiting = class.count();
            let class = &mut classes[slot * 8 / step];
            class.used -= waiting;
            class.available += waiting;
        }
        let arenas = self.arenas.count.get();
        let system = Domain::ALL.map(|domain| {
            let count = &self.account.system[domain.index()];
            SystemStats { blocks: count.blocks.load(Relaxed), bytes: count.bytes.load(Relaxed) }
        });
        Stats {
            geometry,
            class_count,
            arenas_total: self.arenas.total.get(),
            arenas_reclaimed: self.arenas.total.get() - arenas,
            arenas_highwater: self.arenas.highwater.get(),
            arenas,
            // SAFETY: `iter` yields mapped arenas.
            unused_pools: self.arenas.iter().map(|arena| unsafe { (*arena).unused_count() }).sum(),
            bytes_used: classes.iter().map(|class| class.used * class.size).sum(),
            bytes_available: classes.iter().map(|class| class.available * class.size).sum(),
            bytes_headers: headers,
            bytes_quantization: quantization,
            map_nodes: self.map.nodes(),
            bytes_map: self.map.bytes(),
            system,
            in_use: self.account.in_use(),
            peak: self.account.peak(),
            limit: self.account.limit(),
            classes,
        }
    }
}

/// A number in groups of three digits, as the reports show them.
pub fn grouped(number: usize) -> impl fmt::Display {
    Grouped(number)
}

/// A number in groups of three digits.
struct Grouped(usize);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The largest has 20 digits and 6 commas.
        let mut text = [0; 26];
        let mut at = text.len();
        let mut rest = self.0;
        for digit in 0.. {
            if digit > 0 && digit % 3 == 0 {
                at -= 1;
                text[at] = b',';
            }
            at -= 1;
            text[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        f.pad(str::from_utf8(&text[at..]).unwrap_or_default())
    }
}

/// One line of a report: a label, and a number at its right margin.
fn line(f: &mut fmt::Formatter<'_>, label: fmt::Arguments<'_>, number: usize) -> fmt::Result {
    // `pad` is not applied to arguments of more than one piece, so the label is formatted twice.
    let mut length = Length(0);
    fmt::write(&mut length, label)?;
    write!(f, "{label}{:width$}=", "", width = 35_usize.saturating_sub(length.0))?;
    writeln!(f, "{:>21}", Grouped(number))
}

struct Length(usize);

impl fmt::Write for Length {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

impl fmt::Display for Stats {
    /// The report of `sys._debugmallocstats()`, up to where it goes on to the free lists of types.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (arena_size, pool_size) = (self.geometry.arena_size(), self.geometry.pool_size());
        let (arenas, classes) = (self.arenas, self.class_count);
        writeln!(f, "Small block threshold = 512, in {classes} size classes.\n")?;
        writeln!(f, "class   size   num pools   blocks in use  avail blocks")?;
        writeln!(f, "-----   ----   ---------   -------------  ------------")?;
        for (index, class) in self.classes().iter().enumerate().filter(|(_, class)| class.pools > 0) {
            let ClassStats { size, pools, used, available } = class;
            writeln!(f, "{index:5} {size:6} {pools:11} {used:15} {available:13}")?;
        }
        writeln!(f)?;
        line(f, format_args!("# arenas allocated total"), self.arenas_total)?;
        line(f, format_args!("# arenas reclaimed"), self.arenas_reclaimed)?;
        line(f, format_args!("# arenas highwater mark"), self.arenas_highwater)?;
        line(f, format_args!("# arenas allocated current"), arenas)?;
        line(f, format_args!("{arenas} arenas * {arena_size} bytes/arena"), arenas * arena_size)?;
        writeln!(f)?;
        let unused = self.unused_pools;
        line(f, format_args!("# bytes in allocated blocks"), self.bytes_used)?;
        line(f, format_args!("# bytes in available blocks"), self.bytes_available)?;
        line(f, format_args!("{unused} unused pools * {pool_size} bytes"), unused * pool_size)?;
        line(f, format_args!("# bytes lost to pool headers"), self.bytes_headers)?;
        line(f, format_args!("# bytes lost to quantization"), self.bytes_quantization)?;
        line(f, format_args!("# bytes lost to arena alignment"), 0)?;
        let total =
            self.bytes_used + self.bytes_available + unused * pool_size + self.bytes_headers + self.bytes_quantization;
        line(f, format_args!("Total"), total)?;
        writeln!(f)?;
        let (middles, leaves) = self.map_nodes;
        writeln!(f, "arena map counts")?;
        line(f, format_args!("# arena map mid nodes"), middles)?;
        line(f, format_args!("# arena map bot nodes"), leaves)?;
        writeln!(f)?;
        line(f, format_args!("# bytes lost to arena map"), self.bytes_map)?;
        for domain in Domain::ALL {
            let SystemStats { blocks, bytes } = self.system(domain);
            line(f, format_args!("{blocks} system blocks of {domain:?}"), bytes)?;
        }
        line(f, format_args!("# bytes from the system"), self.in_use)?;
        line(f, format_args!("# bytes from the system, peak"), self.peak)?;
        match self.limit {
            Some(limit) => line(f, format_args!("# bytes allowed"), limit),
            None => Ok(()),
        }
    }
}
