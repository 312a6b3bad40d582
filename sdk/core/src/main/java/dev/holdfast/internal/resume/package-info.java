/**
 * The translation between envelopes of the resume.v1.json subprotocol and session events, and the search for ids in
 * messages of servers that do not speak it.
 */
@NullMarked
package dev.holdfast.internal.resume;

import org.jspecify.annotations.NullMarked;
