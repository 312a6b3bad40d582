package androidx.room;

/** Stands in for the annotation of AndroidX, which is not on Maven Central. */
public @interface Dao {}
