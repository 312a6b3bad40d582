package androidx.annotation;

/** Stands in for the annotation of AndroidX, which is not on Maven Central. */
public @interface NonNull {}
