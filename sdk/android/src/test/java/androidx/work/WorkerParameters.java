package androidx.work;

/** Stands in for the class of AndroidX, which is not on Maven Central. */
public final class WorkerParameters {}
