//! What changed while a page is open: the browser's end of `/live`.
