using System.Diagnostics;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>Another process of this program, which works while it is told to: a line on its input begins or ends that.</summary>
internal sealed class OtherProcess : IDisposable
{
    private const string Ready = "ready";

    private readonly Process _process;

    /// <summary>Starts it; it rests until it is told.</summary>
    /// <param name="arguments">The arguments that make this program do its work.</param>
    public OtherProcess(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardInput = true };
        // Under `dotnet Benchmarks.dll` the process is dotnet.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(OtherProcess).Assembly.Location);
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
        Tell();
        Tell();
    }

    /// <summary>An action while the other process works.</summary>
    public Action Beside(Action action) => () =>
    {
        Tell();
        action();
        Tell();
    };

    /// <summary>The other process itself: works, and rests, until its input ends.</summary>
    /// <param name="work">Does a piece of the work.</param>
    public static void WorkWhenTold(Action work)
    {
        work();
        while (Console.In.ReadLine() is not null)
        {
            var end = Task.Run(Console.In.ReadLine);
            Console.WriteLine(Ready);
            while (!end.IsCompleted)
                work();
            if (end.Result is null)
                return;
            Console.WriteLine(Ready);
        }
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private void Tell()
    {
        _process.StandardInput.WriteLine();
        _process.StandardInput.Flush();
        string? line;
        do
            line = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The other process ended.");
        while (line != Ready);
    }
}
