package androidx.room;

/** Stands in for the annotation of AndroidX, which is not on Maven Central. */
public @interface OnConflictStrategy {
    int ABORT = 3;
    int IGNORE = 5;
}
