package com.example

import java.io.ByteArrayOutputStream
import java.io.File
import java.io.PrintStream
import kotlin.io.path.createTempDirectory
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import org.jetbrains.kotlin.cli.common.ExitCode
import org.jetbrains.kotlin.cli.jvm.K2JVMCompiler

/** Compiles each file of src/test/misuse alone. It must fail with the error that its first line names, if it names one. */
class MisuseTest {
    @Test
    fun `null where the API has none does not compile`() {
        val files = File("src/test/misuse").listFiles().orEmpty().sortedBy { it.name }
        assertTrue(files.size > 5, "found $files")
        for (file in files) {
            val expected = file.readLines().first().removePrefix("// error:").trim()
            val (code, output) = compile(file)
            if (expected == "// none") {
                assertEquals(ExitCode.OK, code, output)
            } else {
                assertEquals(ExitCode.COMPILATION_ERROR, code, "${file.name} compiles")
                assertEquals(1, Regex("error:").findAll(output).count(), output)
                assertTrue(output.contains(expected), output)
                println("consumer> ${file.name} does not compile: ${output.substringAfter("error: ").lines().first()}")
            }
        }
    }

    private fun compile(file: File): Pair<ExitCode, String> {
        val output = ByteArrayOutputStream()
        val code = K2JVMCompiler().exec(
            PrintStream(output),
            "-Xjspecify-annotations=strict",
            "-no-stdlib",
            "-no-reflect",
            "-classpath",
            System.getProperty("java.class.path"),
            "-d",
            createTempDirectory().toString(),
            file.path,
        )
        return code to output.toString()
    }
}
