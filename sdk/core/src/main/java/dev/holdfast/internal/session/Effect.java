package dev.holdfast.internal.session;

/** An instruction to the driver, decided by a transition and performed after the transition has returned. */
@FunctionalInterface
public interface Effect {
    void perform(Effects driver);
}
