package dev.holdfast.sample.connect;

/** The form in which a line of input is sent, and a binary message is printed. */
enum LineKind {
    /** A text message. Binary messages are printed in hexadecimal digits with a word before them. */
    TEXT,
    /** A JSON value. Binary messages are printed as with {@link #TEXT}. */
    JSON,
    /** A binary message of the line's bytes. Binary messages are printed as they are. */
    BINARY,
    /** A binary message, written in hexadecimal digits. Binary messages are printed in hexadecimal digits. */
    HEX
}
