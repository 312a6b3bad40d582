package dev.holdfast.internal.session;

/** Something for the driver to do, decided by a transition and performed after it has returned. */
@FunctionalInterface
public interface Effect {
    void perform(Effects driver);
}
