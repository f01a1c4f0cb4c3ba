using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Diffusion;

/// <summary>Runs native code whose exceptions TorchSharp lets through, such as those of libtorch's compiler of TorchScript: under Linux and macOS they would end the process.</summary>
/// <remarks>
/// C++ calls the handler of <c>std::set_terminate</c> on the thread that threw. The handler must not return; for a thread of ours it keeps the words of the exception and sleeps for ever, and the caller
/// goes on. So a failure costs a sleeping thread and what it had allocated. Other threads go to the handler that was there before.
/// </remarks>
internal static unsafe class NativeExceptions
{
    // The compiler calls itself for each level of nesting.
    private const int StackBytes = 1 << 26;

    private static readonly Lazy<bool> Installed = new(Install);
    private static readonly HashSet<string> WithWords =
    [
        "N5torch3jit11ErrorReportE", "N5torch3jit24RecursiveMethodCallErrorE", "St9bad_alloc", "St12out_of_range", "St12length_error", "St11logic_error", "St12domain_error", "St16invalid_argument", "St8bad_cast",
        "St17bad_function_call", "St18bad_variant_access", "St19bad_optional_access", "N5torch3jit18SchemaParserErrorE",
    ];

    private static delegate* unmanaged<void> s_before;
    private static delegate* unmanaged<void*> s_currentType;
    private static delegate* unmanaged<void**, void> s_currentException;

    [ThreadStatic]
    private static Attempt? t_attempt;

    /// <summary>What the code gives, run on a thread of its own.</summary>
    /// <exception cref="ExternalException">It threw a C++ exception; its words.</exception>
    public static T Run<T>(Func<T> code)
    {
        // Under Windows, .NET sees all C++ exceptions.
        if (!Installed.Value)
            return code();
        var attempt = new Attempt();
        T? result = default;
        Exception? thrown = null;
        var thread = new Thread(() =>
        {
            t_attempt = attempt;
            try
            {
                result = code();
            }
            catch (Exception exception)
            {
                thrown = exception;
            }
            finally
            {
                t_attempt = null;
            }
            attempt.Ended.Set();
        }, StackBytes)
        { IsBackground = true, Name = "TorchScript" };
        thread.Start();
        attempt.Ended.Wait();
        if (attempt.Words is { } words)
            throw new NativeCodeException(words);
        if (thrown is not null)
            ExceptionDispatchInfo.Throw(thrown);
        thread.Join();
        return result!;
    }

    private static bool Install()
    {
        string? library = OperatingSystem.IsLinux() ? "libstdc++.so.6" : OperatingSystem.IsMacOS() ? "/usr/lib/libc++abi.dylib" : null;
        if (library is null || !NativeLibrary.TryLoad(library, out nint runtime) || !NativeLibrary.TryGetExport(runtime, "_ZSt13set_terminatePFvvE", out nint set)
            || !NativeLibrary.TryGetExport(runtime, "__cxa_current_exception_type", out nint type))
            return false;
        s_currentType = (delegate* unmanaged<void*>)type;
        // libc++ has it in another library, under another name; there the type alone is told.
        s_currentException = NativeLibrary.TryGetExport(runtime, "_ZSt17current_exceptionv", out nint current) ? (delegate* unmanaged<void**, void>)current : null;
        s_before = ((delegate* unmanaged<delegate* unmanaged<void>, delegate* unmanaged<void>>)set)(&OnTerminate);
        return true;
    }

    [UnmanagedCallersOnly]
    private static void OnTerminate()
    {
        if (t_attempt is { } attempt)
        {
            attempt.Words = Words();
            attempt.Ended.Set();
            attempt.Never.Wait();
        }
        s_before();
    }

    private static string Words()
    {
        // Itanium's ABI: a type_info is its table and its name; std::exception's table holds two destructors and what().
        void* type = s_currentType();
        string name = type is null ? "" : (Marshal.PtrToStringUTF8(((nint*)type)[1]) ?? "").TrimStart('*');
        if (s_currentException is null || !WithWords.Contains(name))
            return $"libtorch threw {name}.";
        void* thrown = null;
        s_currentException(&thrown);
        var what = (delegate* unmanaged<void*, byte*>)(*(nint**)thrown)[2];
        return Marshal.PtrToStringUTF8((nint)what(thrown)) ?? name;
    }

    private sealed class Attempt
    {
        public ManualResetEventSlim Ended { get; } = new();

        public ManualResetEventSlim Never { get; } = new();

        public string? Words { get; set; }
    }
}
