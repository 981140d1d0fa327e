//! Turns the members of an object into one `concat`: constants between two values are one literal.

use super::ast::Expr;

/// JSON text in the making.
#[derive(Debug, Default)]
pub(super) struct Json {
    pieces: Vec<Expr>,
    constant: String,
}

impl Json {
    /// An object whose values `write` adds, one a call.
    pub(super) fn object<M>(&mut self, members: &[M], mut write: impl FnMut(&mut Self, &M)) {
        self.constant("{");
        for (at, member) in members.iter().enumerate() {
            self.constant(if at == 0 { "" } else { "," });
            write(self, member);
        }
        self.constant("}");
    }

    /// A key. Response keys are names of GraphQL: there is nothing in them to escape.
    pub(super) fn key(&mut self, key: &str) {
        self.constant("\"");
        self.constant(key);
        self.constant("\":");
    }

    /// Text that is JSON already.
    pub(super) fn constant(&mut self, text: &str) {
        self.constant.push_str(text);
    }

    /// A value that prints as JSON.
    pub(super) fn value(&mut self, value: Expr) {
        self.flush();
        self.pieces.push(value);
    }

    /// A value that needs quotes and no escapes.
    pub(super) fn quoted(&mut self, value: Expr) {
        self.constant("\"");
        self.value(value);
        self.constant("\"");
    }

    /// All of it as one text.
    pub(super) fn finish(mut self) -> Expr {
        self.flush();
        Expr::Concat(self.pieces)
    }

    fn flush(&mut self) {
        if !self.constant.is_empty() {
            self.pieces.push(Expr::Text(std::mem::take(&mut self.constant)));
        }
    }
}
