using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using SkiaSharp;

namespace Samples.Tests;

/// <summary>The sample service, asked as browsers ask it.</summary>
[TestClass]
public sealed class ServingTests
{
    [TestMethod]
    public async Task Service_ManyRequests_GivesEqualPicturesForEqualSeedsAlsoAfterReload()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("serving-");
        try
        {
            PageSnippetTests.MakePhotos(folder.FullName);
            ProgramRun training = ProgramRun.Start("FirstModel.dll", folder.FullName, "0.02");
            Assert.AreEqual(0, training.ExitCode, training.Error);
            using Process service = Start(folder.FullName);
            try
            {
                using var client = new HttpClient { BaseAddress = await AddressAsync(service), Timeout = TimeSpan.FromMinutes(2) };
                byte[] first = await client.GetByteArrayAsync("pictures/cat.png?seed=7");
                using (SKBitmap picture = SKBitmap.Decode(first))
                    Assert.AreEqual((32, 32), (picture.Width, picture.Height));

                // Together with others, in any batch.
                byte[][] many = await Task.WhenAll(Enumerable.Range(0, 9).Select(i => client.GetByteArrayAsync($"pictures/{(i % 3 == 0 ? "cat" : "dog")}.png?seed={(i % 3 == 0 ? 7 : i)}")));
                foreach (int i in new[] { 0, 3, 6 })
                    Assert.AreSequenceEqual(first, many[i]);
                Assert.AreNotSequenceEqual(many[1], many[2]);

                using HttpResponseMessage fresh = await client.GetAsync("pictures/dog.png");
                string seed = fresh.Headers.GetValues("X-Seed").Single();
                using HttpResponseMessage reload = await client.PostAsync("reload", null);
                Assert.IsTrue(reload.IsSuccessStatusCode);
                Assert.AreSequenceEqual(await fresh.Content.ReadAsByteArrayAsync(), await client.GetByteArrayAsync($"pictures/dog.png?seed={seed}"));

                using HttpResponseMessage unknown = await client.GetAsync("pictures/Cat.png");
                Assert.AreEqual(HttpStatusCode.NotFound, unknown.StatusCode);
                Assert.Contains("'cat', 'dog'", Regex.Unescape(await unknown.Content.ReadAsStringAsync()));

                // Who goes away leaves a service that goes on.
                using var gone = new CancellationTokenSource(TimeSpan.FromMilliseconds(5));
                await Assert.ThrowsAsync<OperationCanceledException>(() => client.GetByteArrayAsync("pictures/cat.png?seed=8", gone.Token));
                Assert.AreSequenceEqual(first, await client.GetByteArrayAsync("pictures/cat.png?seed=7"));
            }
            finally
            {
                service.Kill(entireProcessTree: true);
                service.WaitForExit();
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // Port 0: any that is free.
    private static Process Start(string folder) => Process.Start(new ProcessStartInfo("dotnet",
        [Path.Combine(AppContext.BaseDirectory, "Serving.dll"), "model.zip", "--urls", "http://127.0.0.1:0"])
    {
        RedirectStandardOutput = true,
        WorkingDirectory = folder,
    })!;

    private static async Task<Uri> AddressAsync(Process service)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (await service.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            if (Regex.Match(line, @"Now listening on: (http://127\.0\.0\.1:\d+)") is { Success: true } match)
            {
                // Read on, so that the service never waits for its log to be read.
                _ = service.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
                return new Uri(match.Groups[1].Value + "/");
            }
        }
        Assert.Fail("The service ended before it listened.");
        return null!;
    }
}
