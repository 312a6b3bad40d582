/** Durable sessions in a SQLite file, on the desktop. */
@NullMarked
package dev.holdfast.store.sqlite;

import org.jspecify.annotations.NullMarked;
