using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Diffusion.Trainers;
using Microsoft.ML.Diffusion.Transforms;

namespace Quickstart;

/// <summary>Shows training on the console (a bar that is drawn over, or a line now and then where output is redirected), and remembers the losses.</summary>
internal sealed class ConsoleProgress : IProgress<TrainingProgress>
{
    private const int BarWidth = 28;

    private readonly TimeSpan _interval = Console.IsOutputRedirected ? TimeSpan.FromSeconds(10) : TimeSpan.FromSeconds(0.2);
    private readonly Stopwatch _sinceShown = Stopwatch.StartNew();
    private TrainingProgress? _last;

    public List<LossPoint> Losses { get; } = [];

    public void Report(TrainingProgress value)
    {
        Losses.Add(new LossPoint(value.Step, value.Loss));
        _last = value;
        if (_sinceShown.Elapsed < _interval)
            return;
        _sinceShown.Restart();
        Show(value);
    }

    /// <summary>Shows where training ended.</summary>
    public void Finish()
    {
        if (_last is not null)
            Show(_last with { Remaining = TimeSpan.Zero });
        if (!Console.IsOutputRedirected)
            Console.WriteLine();
    }

    private static void Show(TrainingProgress value)
    {
        string text = string.Create(CultureInfo.InvariantCulture,
            $"{value.Fraction,4:0%}  step {value.Step,6:n0}  loss {value.SmoothedLoss:0.0000}  {value.SamplesPerSecond,5:0} pictures/s  {value.Remaining:m\\:ss} left");
        if (Console.IsOutputRedirected)
        {
            Console.WriteLine(text);
            return;
        }
        int done = (int)Math.Round(BarWidth * Math.Clamp(value.Fraction, 0, 1));
        Console.Write($"\r{new string('█', done)}{new string('░', BarWidth - done)} {text}  ");
    }
}
