/** The envelopes of the resume.v1.json subprotocol to session events and back. */
@NullMarked
package dev.holdfast.internal.resume;

import org.jspecify.annotations.NullMarked;
