//! The control-flow graph: basic blocks of instructions, and the passes that turn them into code.
//!
//! Blocks live in one vector, in the order in which they were made; the order in which they are laid out is the chain of
//! `next`. Passes that look at "every block" take the one order or the other, and which one shows in the code they produce, so
//! each says which. A block that an earlier pass emptied stays in the vector and is skipped.
//!
//! The passes, in order (see [`Graph::finish`]): [`normalize`](Graph::normalize) and the copying of small exits; the peephole
//! pass ([`peephole`]); removal of what cannot be reached ([`reach`]); line numbers ([`lines`]); depth ([`depth`]); exception
//! handlers ([`handlers`]); and [`assemble`](self::assemble), which chooses jump forms and writes code units and tables.

mod assemble;
mod depth;
mod handlers;
mod lines;
mod op;
mod peephole;
mod reach;
mod swaps;

pub use habu_bytecode::linetable::Location;
pub use op::Op;

pub(crate) use assemble::Assembled;

use crate::constants::ConstantTable;

/// An instruction's argument.
pub type Arg = u32;

/// Names a block of a [`Graph`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockId(u32);

impl BlockId {
    fn index(self) -> usize {
        self.0 as usize
    }
}

/// One instruction.
#[derive(Clone, Copy, Debug)]
pub struct Instr {
    /// What it does.
    pub op: Op,
    /// Its argument; 0 where it has none or has a target.
    pub arg: Arg,
    /// Where it jumps, or the handler of the region that it opens.
    pub target: Option<BlockId>,
    /// The source that it stands for.
    pub at: Location,
    /// The handler of an exception that it raises; known after [`handlers`].
    pub handler: Option<BlockId>,
}

impl Instr {
    pub(crate) fn new(op: Op, arg: Arg, at: Location) -> Instr {
        Instr { op, arg, target: None, at, handler: None }
    }

    /// Whether the instruction is invented, or takes the line of what leads to it.
    fn has_no_line(&self) -> bool {
        self.at.line < 0
    }

    fn become_nop(&mut self) {
        self.op = Op::Nop;
        self.arg = 0;
        self.target = None;
    }
}

/// A run of instructions that is entered only at its first one and left only at its last one.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// The instructions.
    pub instrs: Vec<Instr>,
    /// The block laid out after this one.
    next: Option<BlockId>,
    /// How many ways lead here; known after [`reach`].
    predecessors: u32,
    /// Whether the block ends by leaving the code object.
    exit: bool,
    /// Whether control never runs on into `next`.
    no_fallthrough: bool,
    /// Whether a handler that starts here finds the offset of the instruction that raised on the stack.
    wants_lasti: bool,
    /// The stack's depth at the first instruction; known after [`depth`].
    start_depth: Option<i64>,
    /// The offset of the first code unit; known after [`assemble`](self::assemble).
    offset: u32,
}

/// The blocks of one code object.
#[derive(Clone, Debug)]
pub struct Graph {
    blocks: Vec<Block>,
    current: BlockId,
}

/// What the graph needs to know of the code object that it is for.
pub(crate) struct CodeShape<'a> {
    /// The line that the code object starts on.
    pub(crate) first_line: i32,
    /// Whether the code begins by making a generator of its frame.
    pub(crate) is_generator: bool,
    /// The number of names in `co_varnames`.
    pub(crate) locals: u32,
    /// For each cell variable, in order: the index of the argument or local of the same name.
    pub(crate) cells: &'a [Option<u32>],
    /// The number of free variables.
    pub(crate) frees: u32,
}

/// What stops a graph from becoming code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GraphError {
    /// The graph breaks one of its own rules; a fault of the compiler, reported as `SystemError`.
    Malformed(&'static str),
    /// The constants or the code are larger than their indices can say.
    TooLarge,
}

impl Graph {
    /// A graph with one empty block, the entry.
    pub(crate) fn new() -> Graph {
        Graph { blocks: vec![Block::default()], current: BlockId(0) }
    }

    /// Makes a block that is not yet laid out.
    pub(crate) fn new_block(&mut self) -> BlockId {
        let id = BlockId(u32::try_from(self.blocks.len()).unwrap_or(u32::MAX));
        self.blocks.push(Block::default());
        id
    }

    /// Lays `block` out after the current one, and makes it current.
    pub(crate) fn use_block(&mut self, block: BlockId) {
        let current = self.current;
        self[current].next = Some(block);
        self.current = block;
    }

    /// Appends an instruction, in a block of its own if the current one has ended.
    pub(crate) fn push(&mut self, instr: Instr) {
        if self[self.current].instrs.last().is_some_and(|last| last.op.ends_block()) {
            let block = self.new_block();
            self.use_block(block);
        }
        let current = self.current;
        self[current].instrs.push(instr);
    }

    /// Whether the last instruction so far returns.
    pub(crate) fn returns(&self) -> bool {
        self[self.current].instrs.last().is_some_and(|last| last.op == Op::ReturnValue)
    }

    /// Runs every pass and writes the code.
    pub(crate) fn finish(
        mut self,
        shape: &CodeShape<'_>,
        constants: &mut ConstantTable,
    ) -> Result<Assembled, GraphError> {
        self.normalize()?;
        self.copy_small_exits();
        self.insert_prefix(shape);
        self.resolve_cells(shape);
        self.optimize(constants)?;
        self.copy_exits_without_lines();
        constants.truncate(self.constants_used());
        self.propagate_lines();
        self.give_lines_to_exits(shape.first_line);
        let stack_size = self.measure_depth(shape.is_generator)?;
        self.label_handlers();
        self.drop_region_marks();
        self.for_layout(Graph::remove_nops);
        self.choose_jump_forms()?;
        self.assemble(shape.first_line, stack_size)
    }

    const ENTRY: BlockId = BlockId(0);

    /// The blocks in the order of their layout.
    fn layout(&self) -> Layout<'_> {
        Layout { graph: self, next: Some(Graph::ENTRY) }
    }

    /// The blocks, the newest first.
    fn newest_first(&self) -> impl Iterator<Item = BlockId> + use<> {
        (0..u32::try_from(self.blocks.len()).unwrap_or(u32::MAX)).rev().map(BlockId)
    }

    /// Runs `pass` on each block in the order of the layout, following the chain as the pass leaves it.
    fn for_layout(&mut self, mut pass: impl FnMut(&mut Graph, BlockId)) {
        let mut at = Some(Graph::ENTRY);
        while let Some(block) = at {
            pass(self, block);
            at = self[block].next;
        }
    }

    /// The first block at or after `block` in the layout that has instructions; `block` itself if there is none.
    fn skip_empty(&self, block: BlockId) -> BlockId {
        let mut at = block;
        while self[at].instrs.is_empty() {
            match self[at].next {
                Some(next) => at = next,
                None => return block,
            }
        }
        at
    }

    /// One more than the highest index of a constant that code refers to.
    fn constants_used(&self) -> usize {
        let instrs = self.layout().flat_map(|block| &self[block].instrs);
        let uses = instrs.filter(|instr| matches!(instr.op, Op::LoadConst | Op::KwNames));
        uses.map(|instr| instr.arg as usize + 1).max().unwrap_or(0).max(1)
    }
}

impl std::ops::Index<BlockId> for Graph {
    type Output = Block;

    fn index(&self, block: BlockId) -> &Block {
        &self.blocks[block.index()]
    }
}

impl std::ops::IndexMut<BlockId> for Graph {
    fn index_mut(&mut self, block: BlockId) -> &mut Block {
        &mut self.blocks[block.index()]
    }
}

/// Iterates over the blocks in the order of their layout.
struct Layout<'a> {
    graph: &'a Graph,
    next: Option<BlockId>,
}

impl Iterator for Layout<'_> {
    type Item = BlockId;

    fn next(&mut self) -> Option<BlockId> {
        let block = self.next?;
        self.next = self.graph[block].next;
        Some(block)
    }
}
