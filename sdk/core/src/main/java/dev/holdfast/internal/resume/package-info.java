/**
 * The envelopes of the resume.v1.json subprotocol to session events and back; and the ids in messages of servers that do
 * not speak it.
 */
@NullMarked
package dev.holdfast.internal.resume;

import org.jspecify.annotations.NullMarked;
