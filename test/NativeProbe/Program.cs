// usage: NativeProbe <step>...      runs the steps in order, whatever becomes of them, and prints one line or exception for each.
using Microsoft.ML.Diffusion.NativeProbe;

int failures = 0;
foreach (string step in args)
{
    try
    {
        Console.WriteLine(Steps.Run(step));
    }
    catch (Exception exception)
    {
        failures++;
        Console.WriteLine($"{exception.GetType().Name}: {exception.Message}");
    }
}

return failures == 0 ? 0 : 1;
